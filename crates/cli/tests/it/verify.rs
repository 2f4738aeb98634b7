//! `palisade prove verify`: what was written is accepted, and nothing else.

use crate::prove::{palisade, text};
use serde_json::{Value, json};
use std::path::Path;

fn write(folder: &Path, name: &str, content: &str) {
    std::fs::write(folder.join(name), content).unwrap();
}

/// A folder with a policy and a narrower one, and the certificate that the second grants nothing new.
fn proved() -> (tempfile::TempDir, Value) {
    let folder = tempfile::tempdir().unwrap();
    let statement = |action: &str, resource: &str| json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let policy = |statements: &[Value]| {
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    };
    let users = |end: &str| format!("arn:aws:s3:::b/users/${{aws:SourceIdentity}}{end}");
    let wide = [
        statement("s3:GetObject", &users("*")),
        statement("s3:List*", "*"),
    ];
    let narrow = [
        statement("s3:GetObject", &users("/*")),
        statement("s3:ListBucket", "*"),
    ];
    write(folder.path(), "wide.json", &policy(&wide));
    write(folder.path(), "narrow.json", &policy(&narrow));
    write(folder.path(), "other.json", &policy(&wide[..1]));
    let ask = [
        "prove",
        "no-new-access",
        "wide.json",
        "narrow.json",
        "--certificate",
        "c.json",
    ];
    let output = palisade(folder.path(), &ask);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let written = std::fs::read_to_string(folder.path().join("c.json")).unwrap();
    (folder, serde_json::from_str(&written).unwrap())
}

/// The exit code, and what is said.
fn verify(folder: &Path, more: &[&str]) -> (Option<i32>, String) {
    let output = palisade(folder, &[&["prove", "verify", "c.json"], more].concat());
    let said = text(&output.stdout) + &text(&output.stderr);
    (output.status.code(), said)
}

#[test]
fn a_certificate_is_verified_and_says_of_what() {
    let (folder, _) = proved();
    let (code, said) = verify(folder.path(), &[]);
    assert_eq!(code, Some(0), "{said}");
    for part in [
        "verified: 1 proved, ",
        "no request is allowed by narrow.json (identity)",
        "and refused by wide.json (identity)",
    ] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
    let (code, said) = verify(folder.path(), &["--policies", "wide.json", "narrow.json"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn other_policies_than_those_given_are_refused() {
    let (folder, _) = proved();
    let (code, said) = verify(folder.path(), &["--policies", "other.json", "narrow.json"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`wide.json`"), "{said}");
    let (code, said) = verify(
        folder.path(),
        &["--policies", "wide.json", "narrow.json", "other.json"],
    );
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("not about other.json"), "{said}");
    let (code, said) = verify(folder.path(), &["--policies", "absent.json"]);
    assert_eq!(code, Some(2), "{said}");
}

/// What is supposed of the callers' own policies is none of the files, and is said.
#[test]
fn what_is_supposed_is_told_from_what_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}});
    write(folder.path(), "b.json", &policy.to_string());
    for (owner, supposed) in [
        (&[][..], "supposed to allow everything)"),
        (
            &["--owner-account", "111122223333"],
            "supposed to allow everything to callers of other accounts than 111122223333)",
        ),
    ] {
        let ask = ["prove", "public", "b.json", "--certificate", "c.json"];
        let output = palisade(folder.path(), &[&ask[..], owner].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let (code, said) = verify(folder.path(), &["--policies", "b.json"]);
        assert!(code == Some(0) && said.contains(supposed), "{said}");
    }
}

#[test]
fn a_certificate_with_another_part_is_refused() {
    let (folder, good) = proved();
    let swapped = |certificate: &mut Value| {
        let question = &mut certificate[0]["question"];
        let (allowed, denied) = (question["allowed"].take(), question["denied"].take());
        (question["allowed"], question["denied"]) = (denied, allowed);
    };
    let widened = |certificate: &mut Value| {
        let policy = &mut certificate[0]["question"]["allowed"]["layers"][0]["policies"][0]["text"];
        *policy = json!(policy.as_str().unwrap().replace("s3:ListBucket", "s3:*"));
    };
    let narrowed = |certificate: &mut Value| {
        let policy = &mut certificate[0]["question"]["denied"]["layers"][0]["policies"][0]["text"];
        *policy = json!(
            policy
                .as_str()
                .unwrap()
                .replace("s3:List*", "s3:ListObjects")
        );
    };
    type Change<'c> = (&'c str, &'c dyn Fn(&mut Value));
    let changes: [Change<'_>; 14] = [
        ("old and new are swapped", &swapped),
        ("the new policy allows more", &widened),
        ("the old policy allows less", &narrowed),
        ("nothing is said of the old policy", &|c| {
            c[0]["question"]["denied"] = Value::Null
        }),
        ("everybody is looked at", &|c| {
            c[0]["question"]["everybody"] = json!(true)
        }),
        ("other layers are there", &|c| {
            c[0]["question"]["denied"]["layers"] = json!([])
        }),
        ("the version is another", &|c| c[0]["version"] = json!(1)),
        ("a key has another name", &|c| {
            c[0]["keys"][0]["name"] = json!("aws:username")
        }),
        ("the callers are gone", &|c| c[0]["callers"] = json!([])),
        ("the atoms are gone", &|c| c[0]["atoms"] = json!([])),
        ("the nodes are gone", &|c| c[0]["nodes"] = json!([])),
        ("the formula is another", &|c| c[0]["formula"] = json!(0)),
        ("the tree is a leaf of nothing", &|c| {
            c[0]["tree"] = json!({"leaf": {"literals": []}})
        }),
        ("a certificate more that is none", &|c| {
            c.as_array_mut().unwrap().push(json!({}))
        }),
    ];
    for (what, change) in changes {
        let mut forged = good.clone();
        change(&mut forged);
        write(folder.path(), "c.json", &forged.to_string());
        let (code, said) = verify(folder.path(), &[]);
        assert_eq!(code, Some(1), "{what}: {said}");
        assert!(said.starts_with("refused: "), "{what}: {said}");
    }
}

#[test]
fn what_is_no_certificate_is_bad_input() {
    let (folder, good) = proved();
    let whole = good.to_string();
    for cut in [0, 1, whole.len() / 3, whole.len() - 1] {
        write(folder.path(), "c.json", whole.get(..cut).unwrap());
        let (code, said) = verify(folder.path(), &[]);
        assert_eq!(code, Some(2), "{cut}: {said}");
        assert!(said.contains("c.json"), "{said}");
    }
    for other in ["[]", "3", "\"proved\"", "null"] {
        write(folder.path(), "c.json", other);
        let (code, said) = verify(folder.path(), &[]);
        assert_eq!(code, Some(2), "{other}: {said}");
    }
}

/// Only what is proved has a certificate, and a file of an earlier run is not left for it.
#[test]
fn what_is_not_proved_leaves_no_certificate() {
    let (folder, _) = proved();
    let ask = [
        "prove",
        "no-new-access",
        "narrow.json",
        "wide.json",
        "--certificate",
        "c.json",
    ];
    assert_eq!(palisade(folder.path(), &ask).status.code(), Some(1));
    let (code, said) = verify(folder.path(), &[]);
    assert_eq!(code, Some(2), "{said}");
}

/// Why a statement never matters can be checked; that all matter is shown by requests, and has no certificate.
#[test]
fn a_statement_that_never_matters_has_a_certificate() {
    let (folder, _) = proved();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"},
    ]});
    write(folder.path(), "dead.json", &policy.to_string());
    let ask = ["prove", "dead", "dead.json", "--certificate", "c.json"];
    assert_eq!(palisade(folder.path(), &ask).status.code(), Some(1));
    let (code, said) = verify(folder.path(), &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("verified: 1 proved"), "{said}");
    let ask = ["prove", "dead", "other.json", "--certificate", "c.json"];
    assert_eq!(palisade(folder.path(), &ask).status.code(), Some(0));
    let (code, said) = verify(folder.path(), &[]);
    assert_eq!(code, Some(2), "{said}");
}

/// Of isolation, the certificate says whose things it is about.
#[test]
fn a_certificate_of_isolation_says_who_the_tenants_are() {
    let (folder, _) = proved();
    let tenancy = "[identity]\nkeys = [\"aws:SourceIdentity\"]\n[[owned]]\nresource = \"arn:aws:s3:::b/users/${owner}/*\"\n";
    write(folder.path(), "tenancy.toml", tenancy);
    let own = "arn:aws:s3:::b/users/${aws:SourceIdentity}/*";
    let own = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": own});
    let own = json!({"Version": "2012-10-17", "Statement": [own]});
    write(folder.path(), "own.json", &own.to_string());
    let ask = [
        "prove",
        "isolation",
        "--policies",
        "own.json",
        "--tenancy",
        "tenancy.toml",
        "--certificate",
        "c.json",
    ];
    let output = palisade(folder.path(), &ask);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let (code, said) = verify(folder.path(), &[]);
    assert_eq!(code, Some(0), "{said}");
    let whose = "reaches another's `arn:aws:s3:::b/users/${owner.identity}/*`";
    assert!(
        said.contains(whose) && !said.contains("as the certificate"),
        "{said}"
    );
}
