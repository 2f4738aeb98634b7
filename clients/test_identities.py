"""IAM and Organizations with boto3: what administrators' programs do with them."""

import json

import botocore.exceptions
import pytest
from server import ACCOUNT

PASS = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal):
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


@pytest.fixture(scope="module")
def iam(server):
    return server.client("iam")


def user(iam, name):
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def test_a_group_gives_its_members_what_it_has_until_they_leave(server, iam):
    who = server.client("iam", user(iam, "grace"))
    iam.create_group(GroupName="auditors", Path="/teams/")
    iam.put_group_policy(
        GroupName="auditors",
        PolicyName="read",
        PolicyDocument=document({"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}),
    )
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        who.list_users()
    iam.add_user_to_group(GroupName="auditors", UserName="grace")
    assert who.list_users()["Users"]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="grace")["Groups"]] == ["auditors"]
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_group(GroupName="auditors")
    iam.remove_user_from_group(GroupName="auditors", UserName="grace")
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        who.list_users()


def test_a_policy_has_five_versions_and_one_that_counts(iam):
    arn = iam.create_policy(PolicyName="many", PolicyDocument=document(PASS))["Policy"]["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(PASS), SetAsDefault=True)
    with pytest.raises(iam.exceptions.LimitExceededException):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(PASS))
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [version["VersionId"] for version in versions if version["IsDefaultVersion"]] == ["v5"]
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"


def test_paginators_and_waiters_find_everything(iam):
    for number in range(25):
        iam.create_role(RoleName=f"page-{number:02}", Path="/paged/", AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}))
    iam.get_waiter("role_exists").wait(RoleName="page-24")
    pages = list(iam.get_paginator("list_roles").paginate(PathPrefix="/paged/", PaginationConfig={"PageSize": 10}))
    assert [len(page["Roles"]) for page in pages] == [10, 10, 5]
    iam.create_instance_profile(InstanceProfileName="machine")
    iam.add_role_to_instance_profile(InstanceProfileName="machine", RoleName="page-00")
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="machine")
    found = iam.list_instance_profiles_for_role(RoleName="page-00")["InstanceProfiles"]
    assert [profile["InstanceProfileName"] for profile in found] == ["machine"]


def test_the_details_of_the_account_can_be_read_by_other_tools(iam):
    details = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    for page in iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 7}):
        for name, found in details.items():
            found.extend(page[name])
    roles = {role["RoleName"]: role for role in details["RoleDetailList"]}
    assert roles["page-03"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert {"grace"} <= {found["UserName"] for found in details["UserDetailList"]}
    (many,) = [policy for policy in details["Policies"] if policy["PolicyName"] == "many"]
    assert len(many["PolicyVersionList"]) == 4
    assert iam.get_account_summary()["SummaryMap"]["Groups"] == 1


def test_the_simulator_says_what_the_platform_does(server, iam):
    allowed = document(
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::data/${aws:username}/*",
            "Condition": {"Bool": {"aws:SecureTransport": "true"}},
        }
    )
    asked = {"PolicyInputList": [allowed], "ActionNames": ["s3:GetObject"], "ResourceArns": ["arn:aws:s3:::data/ann/x"]}
    (answer,) = iam.simulate_custom_policy(**asked)["EvaluationResults"]
    assert answer["EvalDecision"] == "implicitDeny"
    (of_resource,) = answer["ResourceSpecificResults"]
    assert {"aws:username", "aws:SecureTransport"} <= set(of_resource["MissingContextValues"])
    entries = [
        {"ContextKeyName": "aws:username", "ContextKeyType": "string", "ContextKeyValues": ["ann"]},
        {"ContextKeyName": "aws:SecureTransport", "ContextKeyType": "boolean", "ContextKeyValues": ["true"]},
    ]
    (answer,) = iam.simulate_custom_policy(**asked, ContextEntries=entries)["EvaluationResults"]
    assert answer["EvalDecision"] == "allowed" and answer["MatchedStatements"]
    grace = f"arn:aws:iam::{ACCOUNT}:user/grace"
    found = iam.simulate_principal_policy(PolicySourceArn=grace, ActionNames=["iam:ListUsers"])["EvaluationResults"]
    assert [result["EvalDecision"] for result in found] == ["implicitDeny"]
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[allowed])["ContextKeyNames"]
    assert sorted(keys) == ["aws:SecureTransport", "aws:username"]


def test_an_account_obeys_the_policies_of_its_organization(server):
    organizations = server.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    (root,) = organizations.list_roots()["Roots"]
    assert root["PolicyTypes"] == [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    made = organizations.create_account(Email="ml@example.com", AccountName="ml")["CreateAccountStatus"]
    account = organizations.describe_create_account_status(CreateAccountRequestId=made["Id"])["CreateAccountStatus"]["AccountId"]
    server.client("iam").create_user(UserName="admin")
    key = server.client("iam").create_access_key(UserName="admin")["AccessKey"]
    server.client("iam").put_user_policy(
        UserName="admin",
        PolicyName="all",
        PolicyDocument=document({"Effect": "Allow", "Action": "*", "Resource": "*"}),
    )
    sts = server.client("sts", (key["AccessKeyId"], key["SecretAccessKey"]))
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    session = sts.assume_role(RoleArn=role, RoleSessionName="admin")["Credentials"]
    inside = server.client("iam", (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]))
    assert inside.list_users()["Users"] == []
    policy = organizations.create_policy(
        Name="no-users",
        Description="",
        Type="SERVICE_CONTROL_POLICY",
        Content=document({"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}),
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=account)
    with pytest.raises(botocore.exceptions.ClientError, match="explicit deny in a service control policy"):
        inside.create_user(UserName="eve")
    organizations.detach_policy(PolicyId=policy, TargetId=account)
    assert inside.create_user(UserName="eve")["User"]["Arn"] == f"arn:aws:iam::{account}:user/eve"
