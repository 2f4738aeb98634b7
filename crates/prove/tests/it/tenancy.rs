//! The tenancy file: what it says, and every mistake at its place.

use prove::tenancy::{Mark, Part, Tenancy};

const WHOLE: &str = r#"
[identity]
keys = ["aws:SourceIdentity", "sagemaker:DomainId", "sagemaker:UserProfileName"]

[[owned]]
resource = "arn:aws:s3:::b/users/${owner}/*"

[[owned]]
tag = "sagemaker:user-profile-arn"
value = "arn:aws:sagemaker:*:*:user-profile/${owner.domain}/${owner.profile}"
source = "the automatic tags of Studio"

[[owned]]
key = "sagemaker:FileSystemDirectoryPath"
value = "/fsx/users/${owner.identity}"

[[shared]]
resource = "arn:aws:s3:::b/users/shared/*"

[[link]]
keys = ["aws:SourceIdentity", "sagemaker:UserProfileName"]
source = "the domain's setting"

[[trusted]]
role = "arn:aws:iam::123456789012:role/emr/Instances"
source = "PropagateSourceIdentity"

[[fact]]
key = "aws:SourceIdentity"
pattern = "[\\w+=,.@-]"
length = "2-64"
source = "STS API Reference"
"#;

fn wrong(text: &str) -> Vec<String> {
    let mistakes = Tenancy::read("t.toml", text).unwrap_err();
    let file = &mistakes.files[0];
    let show = |wrong: &policy::text::Diagnostic| {
        let at = file.source.position(wrong.span.start);
        let fix = wrong.fix.as_deref().unwrap_or_default();
        format!("{}:{} {} -> {fix}", at.line, at.column, wrong.reason)
    };
    file.diagnostics.iter().map(show).collect()
}

#[test]
fn a_file_says_who_the_tenants_are_and_what_is_whose() {
    let tenancy = Tenancy::read("t.toml", WHOLE).unwrap();
    assert_eq!(tenancy.origin, "t.toml");
    let names: Vec<&str> = tenancy
        .identity
        .iter()
        .map(|key| key.name.as_str())
        .collect();
    assert_eq!(names, ["identity", "domain", "profile"]);
    assert_eq!(tenancy.owned.len(), 3);
    let owners: Vec<Vec<usize>> = tenancy
        .owned
        .iter()
        .map(|own| own.by.template().owners())
        .collect();
    assert_eq!(owners, [vec![0], vec![1, 2], vec![0]]);
    let Mark::Resource(template) = &tenancy.owned[0].by else {
        panic!("{:?}", tenancy.owned[0]);
    };
    assert_eq!(
        template.parts,
        [
            Part::Literal("arn:aws:s3:::b/users/".into()),
            Part::Owner(0),
            Part::Literal("/".into()),
            Part::AnyRun
        ]
    );
    assert_eq!(tenancy.owned[1].source, "the automatic tags of Studio");
    assert_eq!(
        tenancy.owned[1].by.template().written(&tenancy.identity),
        "arn:aws:sagemaker:*:*:user-profile/${owner.domain}/${owner.profile}"
    );
    assert_eq!(tenancy.links[0].keys[1], "sagemaker:UserProfileName");
    let trusted = "arn:aws:iam::123456789012:role/emr/Instances";
    assert_eq!(tenancy.trusted[0].role, trusted);
    let fact = &tenancy.facts[0];
    assert_eq!((fact.least, fact.most), (2, Some(64)));
    assert!("aZ9_+=,.@-".chars().all(|c| fact.set.contains(c)));
    assert!(!"/*:$ ".chars().any(|c| fact.set.contains(c)));
}

#[test]
fn what_names_sessions_is_one_role() {
    for role in [
        "EmrInstances",
        "arn:aws:iam::123456789012:role/*",
        "arn:aws:iam::1234:role/EmrInstances",
        "arn:aws:iam::123456789012:user/emr",
        "arn:aws:iam::123456789012:role/",
    ] {
        let text = format!(
            "[identity]\nkeys = [\"aws:username\"]\n[[owned]]\nresource = \"arn:aws:s3:::b/${{owner}}/*\"\n\
             [[trusted]]\nrole = \"{role}\"\nsource = \"s\"\n"
        );
        let told = wrong(&text);
        assert!(told.len() == 1 && told[0].starts_with("6:8 "), "{told:?}");
    }
}

#[test]
fn keys_may_be_given_names() {
    let text = "[identity]\nkeys = { team = \"aws:PrincipalTag/team\", user = \"aws:username\" }\n\
                [[owned]]\nresource = \"arn:aws:s3:::b/${owner.team}/${owner.user}/*\"\n";
    let tenancy = Tenancy::read("t.toml", text).unwrap();
    assert_eq!(tenancy.owned[0].by.template().owners().len(), 2);
}

#[test]
fn a_class_of_characters_may_say_how_many() {
    for (pattern, least, most) in [
        ("[a-z]", 0, None),
        ("[a-z]*", 0, None),
        ("[a-z]+", 1, None),
        ("^[a-z]{2,64}$", 2, Some(64)),
        ("[0-9]{12}", 12, Some(12)),
        ("\\\\d{3,}", 3, None),
        (".", 0, None),
    ] {
        let text = format!(
            "[identity]\nkeys = [\"aws:username\"]\n[[owned]]\nresource = \"arn:aws:s3:::b/${{owner}}/*\"\n\
             [[fact]]\nkey = \"aws:username\"\npattern = \"{pattern}\"\nsource = \"s\"\n"
        );
        let tenancy = Tenancy::read("t.toml", &text).unwrap();
        let fact = &tenancy.facts[0];
        assert_eq!((fact.least, fact.most), (least, most), "{pattern}");
    }
}

#[test]
fn every_mistake_is_shown_at_its_place_with_a_fix() {
    let text = "[identity]\n\
                keys = [\"SourceIdentity\", \"aws:username\", \"aws:Username\"]\n\
                [[owned]]\n\
                resource = \"arn:aws:s3:::b/users/${aws:username}/*\"\n\
                [[owned]]\n\
                resource = \"b/${owner}\"\n\
                [[owned]]\n\
                resource = \"arn:aws:s3:::b/users/*\"\n\
                [[owned]]\n\
                tag = \"owner\"\n\
                [[owned]]\n\
                value = \"${owner}\"\n\
                [[owned]]\n\
                resource = \"arn:aws:s3::${owner}:b\"\n\
                [[shared]]\n\
                resource = \"arn:aws:s3:::b/${owner}/*\"\n\
                [[link]]\n\
                keys = [\"aws:username\"]\n\
                source = \"x\"\n\
                [[fact]]\n\
                key = \"aws:username\"\n\
                [[fact]]\n\
                key = \"aws:username\"\n\
                pattern = \"(a|b)\"\n\
                length = \"9-2\"\n\
                sorce = \"s\"\n";
    let resource = "write it as `arn:partition:service:region:account:resource`, such as `arn:aws:s3:::bucket/users/${owner}/*`";
    assert_eq!(
        wrong(text),
        [
            "2:9 `SourceIdentity` is not a valid `keys` -> write a condition key, `service:name`, such as `aws:SourceIdentity`".to_owned(),
            "2:43 `aws:Username` or its name `user` was given in line 2 already -> name each key once: `keys = { name = \"service:key\" }` gives names".to_owned(),
            "4:34 `${aws:username}` is the caller's value, not the owner's -> write `${owner.user}`".to_owned(),
            format!("6:12 `b/${{owner}}`: a resource is an ARN of six parts -> {resource}"),
            "8:12 `arn:aws:s3:::b/users/*` does not say whose it is -> write `${owner}` where the owner's name stands; what belongs to nobody is `[[shared]]`".to_owned(),
            "9:1 `value` is missing -> add `value = \"…${owner}…\"`".to_owned(),
            "11:1 one thing is recognised by one mark -> give one of `resource`, `tag` with `value`, `key` with `value`".to_owned(),
            format!("14:12 `arn:aws:s3::${{owner}}:b`: the owner stands in the last part of an ARN -> {resource}"),
            "16:12 `arn:aws:s3:::b/${owner}/*` belongs to somebody -> write `*` where any name may stand, or make it `[[owned]]`".to_owned(),
            "17:1 a link is between two keys -> write `keys = [\"aws:SourceIdentity\", \"sagemaker:UserProfileName\"]`".to_owned(),
            "20:1 `source` is missing -> add `source = …`".to_owned(),
            "20:1 a fact says something -> give `pattern`, such as \"[a-z0-9-]\", or `length`, such as \"2-64\", or both".to_owned(),
            "22:1 `source` is missing -> write `source` instead of `sorce`".to_owned(),
            "24:11 `(a|b)` is not one class of characters -> write all characters that may stand in a value as one class, such as \"[A-Za-z0-9_-]\", and how many in `length`".to_owned(),
            "26:1 `sorce` is not known here -> write `source`".to_owned(),
        ]
    );
}

#[test]
fn an_empty_file_is_told_what_it_needs() {
    let found = wrong("");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("there is no `[identity]`"), "{found:?}");
    assert!(found[1].contains("there is no `[[owned]]`"), "{found:?}");
}
