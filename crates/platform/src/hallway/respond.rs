//! Writing the answer, which is withheld until it is recorded.

use http::{Response, StatusCode};
use wire::protocol::{self, Dialect, Stamp};

use crate::call::Envelope;
use crate::flow::Payload;
use crate::platform::Platform;
use crate::record::{Answer, Withheld};

/// The answer in the client's dialect.
pub(super) fn write(
    platform: &Platform,
    dialect: &Dialect,
    envelope: &Envelope,
    answer: Withheld<Answer>,
) -> Withheld<Response<Payload>> {
    let stamp = Stamp {
        request_id: envelope.request_id.clone(),
        host_id: envelope.request_id.clone(),
        now: platform.now(),
    };
    answer.map(|answer| match answer {
        Answer::Output(api, outcome) => {
            let mut response = protocol::write(api, &outcome.output, &stamp).map(Payload::Whole);
            let status = outcome.status.map(StatusCode::from_u16);
            if let Some(Ok(status)) = status {
                *response.status_mut() = status;
            }
            if let Some(flow) = outcome.flow {
                *response.body_mut() = Payload::Flow(flow);
            }
            response
        }
        Answer::Nothing => super::beside::bare(&envelope.request_id),
        Answer::Page(page) => page.response().map(Payload::Whole),
        Answer::Error(Some(api), error) => dialect
            .clone()
            .with_operation(api)
            .write(&error, &stamp)
            .map(Payload::Whole),
        Answer::Error(None, error) => dialect.write(&error, &stamp).map(Payload::Whole),
    })
}
