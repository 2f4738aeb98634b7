//! Bodies in chunks. The signed ones are the examples of the Amazon S3 API Reference.

use bytes::Bytes;
use jiff::Timestamp;
use wire::sigv4::{
    AuthError, BodyReader, ChunkDecoder, Payload, Signer, SigningKey, Verified, parse, read_body,
};

use crate::support::parts;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// `PUT /examplebucket/chunkObject.txt` as the reference signs it.
fn example(hash: &str, headers: &[(&str, &str)], names: &str, seed: &str) -> Verified {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
         SignedHeaders={names}, Signature={seed}"
    );
    let mut all = vec![
        ("host", "s3.amazonaws.com"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("authorization", authorization.as_str()),
        ("x-amz-content-sha256", hash),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
    ];
    all.extend(headers);
    let request = parse(&parts("PUT", "/examplebucket/chunkObject.txt", &all))
        .unwrap()
        .unwrap();
    let key = SigningKey::derive(SECRET, request.scope());
    let now: Timestamp = "2013-05-24T00:00:00Z".parse().unwrap();
    request.verify(&key, now, None).unwrap()
}

fn signed() -> Verified {
    example(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        &[("content-length", "66824")],
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
         x-amz-decoded-content-length;x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    )
}

fn signed_with_trailer() -> Verified {
    example(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        &[("x-amz-trailer", "x-amz-checksum-crc32c")],
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
         x-amz-storage-class;x-amz-trailer",
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    )
}

fn body(signatures: [&str; 3], trailer: &str) -> String {
    let [first, second, last] = signatures;
    format!(
        "10000;chunk-signature={first}\r\n{}\r\n400;chunk-signature={second}\r\n{}\r\n\
         0;chunk-signature={last}\r\n{trailer}\r\n",
        "a".repeat(65_536),
        "a".repeat(1024)
    )
}

const PLAIN: [&str; 3] = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
];
const WITH_TRAILER: [&str; 3] = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
];
const TRAILER: &str = "x-amz-checksum-crc32c:sOO8/Q==\r\n\
    x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n";

type Trailers = Vec<(String, String)>;

fn decode(decoder: ChunkDecoder, body: &str, step: usize) -> Result<(usize, Trailers), AuthError> {
    let mut decoder = decoder;
    let mut out = Vec::new();
    let mut rest = Bytes::copy_from_slice(body.as_bytes());
    while !rest.is_empty() {
        decoder.feed(rest.split_to(step.min(rest.len())), &mut out)?;
    }
    let size = out.iter().map(Bytes::len).sum();
    assert!(out.iter().all(|data| data.iter().all(|byte| *byte == b'a')));
    Ok((size, decoder.finish()?))
}

fn decoder(verified: &Verified, trailer: Option<&str>) -> ChunkDecoder {
    ChunkDecoder::new(verified, Some(66_560), trailer).unwrap()
}

#[test]
fn the_examples_of_the_reference_are_believed() {
    for step in [1, 7, 65_536, 100_000] {
        let plain = decode(decoder(&signed(), None), &body(PLAIN, ""), step);
        assert_eq!(plain, Ok((66_560, vec![])), "{step}");
        let name = "x-amz-checksum-crc32c";
        let decoder = decoder(&signed_with_trailer(), Some(name));
        let trailed = decode(decoder, &body(WITH_TRAILER, TRAILER), step);
        let trailer = vec![(name.to_owned(), "sOO8/Q==".to_owned())];
        assert_eq!(trailed, Ok((66_560, trailer)), "{step}");
    }
}

#[test]
fn a_body_in_memory_is_taken_apart_at_once() {
    let headers = |list: &[(&str, &str)]| parts("PUT", "/", list).headers;
    let length = ("x-amz-decoded-content-length", "66560");
    let body = Bytes::from(body(PLAIN, ""));
    let (data, trailers) = read_body(Some(&signed()), &headers(&[length]), body.clone()).unwrap();
    assert_eq!((data.len(), trailers), (66_560, vec![]));
    let missing = read_body(Some(&signed()), &headers(&[]), body.clone());
    assert!(matches!(missing, Err(AuthError::Chunks(_))));
    let short = read_body(Some(&signed()), &headers(&[length]), body.slice(..1000));
    assert_eq!(short, Err(AuthError::IncompleteBody));
}

#[test]
fn what_is_altered_on_the_way_is_refused() {
    let verified = signed();
    let good = body(PLAIN, "");
    let run = |body: &str| decode(decoder(&verified, None), body, 1000);
    let [first, second, last] = PLAIN;
    assert_eq!(
        run(&body([second, first, last], "")),
        Err(AuthError::ChunkMismatch)
    );
    assert_eq!(
        run(&body([first, second, second], "")),
        Err(AuthError::ChunkMismatch)
    );
    let shorter = good
        .replacen("400;", "3ff;", 1)
        .replacen("aa\r\n0;", "a\r\n0;", 1);
    assert_eq!(run(&shorter), Err(AuthError::ChunkMismatch));
    let unsigned = good.replace(&format!(";chunk-signature={first}"), "");
    assert_eq!(run(&unsigned), Err(AuthError::ChunkMismatch));
    let end = good.find("\r\n0;").unwrap();
    assert_eq!(
        run(good.get(..end).unwrap()),
        Err(AuthError::IncompleteBody)
    );
    assert!(matches!(
        run(&format!("{good}x")),
        Err(AuthError::Chunks(_))
    ));
    assert!(matches!(
        run("zz;chunk-signature=0\r\n"),
        Err(AuthError::Chunks(_))
    ));
    assert!(matches!(
        run("+1;chunk-signature=0\r\n"),
        Err(AuthError::Chunks(_))
    ));
    assert!(matches!(
        run(&"1".repeat(10_000)),
        Err(AuthError::Chunks(_))
    ));

    let verified = signed_with_trailer();
    let name = "x-amz-checksum-crc32c";
    let run = |body: &str| decode(decoder(&verified, Some(name)), body, 1000);
    let other = TRAILER.replace("sOO8", "AAAA");
    assert_eq!(
        run(&body(WITH_TRAILER, &other)),
        Err(AuthError::ChunkMismatch)
    );
    assert_eq!(run(&body(WITH_TRAILER, "")), Err(AuthError::Trailer));
    let unsigned = "x-amz-checksum-crc32c:sOO8/Q==\r\n";
    assert_eq!(
        run(&body(WITH_TRAILER, unsigned)),
        Err(AuthError::ChunkMismatch)
    );
}

fn unsigned() -> Verified {
    let mut parts = parts("PUT", "/b/k", &[("host", "h")]);
    let signer = Signer {
        access_key: "AKID".to_owned(),
        secret: SECRET.to_owned(),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: "s3".to_owned(),
    };
    let now: Timestamp = "2026-11-22T05:00:00Z".parse().unwrap();
    let declared = Payload::Declared("STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    signer.sign(&mut parts, now, declared).unwrap();
    let request = parse(&parts).unwrap().unwrap();
    let key = SigningKey::derive(SECRET, request.scope());
    request.verify(&key, now, None).unwrap()
}

#[test]
fn unsigned_chunks_have_their_announced_trailer() {
    let verified = unsigned();
    let run = |declared, trailer, body| {
        let decoder = ChunkDecoder::new(&verified, declared, trailer).unwrap();
        decode(decoder, body, 3)
    };
    let name = Some("x-amz-checksum-crc32");
    let body = "5\r\naaaaa\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
    let trailer = vec![("x-amz-checksum-crc32".to_owned(), "AAAA".to_owned())];
    assert_eq!(run(Some(5), name, body), Ok((5, trailer)));
    assert_eq!(run(Some(6), name, body), Err(AuthError::IncompleteBody));
    assert_eq!(run(Some(4), name, body), Err(AuthError::IncompleteBody));
    assert_eq!(
        run(Some(5), Some("x-amz-checksum-sha1"), body),
        Err(AuthError::Trailer)
    );
    assert_eq!(run(Some(5), None, body), Err(AuthError::Trailer));
    assert_eq!(
        run(Some(5), name, "5\r\naaaaa\r\n0\r\n\r\n"),
        Err(AuthError::Trailer)
    );
    assert_eq!(
        run(Some(5), None, "5\r\naaaaa\r\n0\r\n\r\n"),
        Ok((5, vec![]))
    );
    assert_eq!(
        run(Some(5), None, "5\r\naaaaa"),
        Err(AuthError::IncompleteBody)
    );
    assert!(matches!(
        run(Some(5), None, "5\r\naaaaab\r\n0\r\n\r\n"),
        Err(AuthError::Chunks(_))
    ));
}

/// A request whose signature says this of its body.
fn declaring(hash: &str) -> Verified {
    let mut parts = parts("PUT", "/b/k", &[("host", "h")]);
    let signer = Signer {
        access_key: "AKID".to_owned(),
        secret: SECRET.to_owned(),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: "s3".to_owned(),
    };
    let now: Timestamp = "2026-11-22T05:00:00Z".parse().unwrap();
    signer
        .sign(&mut parts, now, Payload::Declared(hash))
        .unwrap();
    let request = parse(&parts).unwrap().unwrap();
    let key = SigningKey::derive(SECRET, request.scope());
    request.verify(&key, now, None).unwrap()
}

#[test]
fn a_body_that_comes_in_pieces_is_checked_at_its_end() {
    let none = http::HeaderMap::new();
    let hash = hex::encode(wire::sigv4::sha256(b"abcdef"));
    for (body, same) in [("abcdef", true), ("abcdeg", false), ("abcde", false)] {
        let verified = declaring(&hash);
        let mut reader = BodyReader::new(Some(&verified), &none).unwrap();
        let mut out = Vec::new();
        let (first, second) = body.split_at(3);
        reader
            .feed(Bytes::from(first.to_owned()), &mut out)
            .unwrap();
        reader
            .feed(Bytes::from(second.to_owned()), &mut out)
            .unwrap();
        assert_eq!(out.concat(), body.as_bytes());
        assert_eq!(reader.finish().is_ok(), same, "{body}");
    }
    let unsigned = declaring("UNSIGNED-PAYLOAD");
    let (data, _) = read_body(Some(&unsigned), &none, Bytes::from_static(b"x")).unwrap();
    assert_eq!(data, "x");
}

#[test]
fn chunks_that_nobody_signed_are_taken_apart_too() {
    let headers = |list: &[(&str, &str)]| parts("PUT", "/", list).headers;
    let chunked = headers(&[
        ("content-encoding", "gzip, aws-chunked"),
        ("x-amz-decoded-content-length", "5"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ]);
    let body = Bytes::from_static(b"5\r\naaaaa\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n");
    let trailer = vec![("x-amz-checksum-crc32".to_owned(), "AAAA".to_owned())];
    for verified in [None, Some(declaring("UNSIGNED-PAYLOAD"))] {
        let read = read_body(verified.as_ref(), &chunked, body.clone());
        assert_eq!(read, Ok((Bytes::from_static(b"aaaaa"), trailer.clone())));
    }
    let plain = headers(&[("content-encoding", "gzip")]);
    let read = read_body(None, &plain, body.clone());
    assert_eq!(read, Ok((body, Vec::new())));
}

#[test]
fn a_trailer_is_said_once_and_sealed_by_its_signature() {
    let verified = signed_with_trailer();
    let name = "x-amz-checksum-crc32c";
    let run = |trailer: &str| {
        decode(
            decoder(&verified, Some(name)),
            &body(WITH_TRAILER, trailer),
            1000,
        )
    };
    let (line, signature) = TRAILER.split_at(TRAILER.find("x-amz-trailer-").unwrap());
    assert!(run(TRAILER).is_ok());
    for bad in [
        format!("{signature}{line}"),
        format!("{line}{line}{signature}"),
        format!("{line}{signature}{signature}"),
    ] {
        assert_eq!(run(&bad), Err(AuthError::Trailer), "{bad}");
    }
    let unsigned = unsigned();
    let decoder = ChunkDecoder::new(&unsigned, Some(5), Some(name)).unwrap();
    let text = format!("5\r\naaaaa\r\n0\r\n{TRAILER}\r\n");
    assert_eq!(decode(decoder, &text, 3), Err(AuthError::Trailer));
}
