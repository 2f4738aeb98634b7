//! Writing the answer. Only what was recorded can be written.

use bytes::Bytes;
use http::{Response, StatusCode};
use wire::protocol::{self, Dialect, Stamp};

use crate::call::Envelope;
use crate::platform::Platform;
use crate::record::{Answer, Recorded};

/// The answer in the client's dialect.
pub(super) fn write(
    platform: &Platform,
    dialect: &Dialect,
    envelope: &Envelope,
    recorded: &Recorded,
) -> Response<Bytes> {
    let stamp = Stamp {
        request_id: envelope.request_id.clone(),
        host_id: envelope.request_id.clone(),
        now: platform.now(),
    };
    match recorded.answer() {
        Answer::Output(api, outcome) => {
            let mut response = protocol::write(*api, &outcome.output, &stamp);
            let status = outcome.status.map(StatusCode::from_u16);
            if let Some(Ok(status)) = status {
                *response.status_mut() = status;
            }
            response
        }
        Answer::Page(page) => page.response(),
        Answer::Error(Some(api), error) => {
            dialect.clone().with_operation(*api).write(error, &stamp)
        }
        Answer::Error(None, error) => dialect.write(error, &stamp),
    }
}
