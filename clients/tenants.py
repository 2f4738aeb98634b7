"""An account with two domains, their execution roles and people, made with boto3 as its root user would."""

import json

import trails
from server import ACCOUNT, REGION

BUCKET = "team-data"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/train:1"
OWN_PROFILE = (
    f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/${{sagemaker:DomainId}}/${{sagemaker:UserProfileName}}"
)


def policy(*statements):
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions, resource="*", **condition):
    """An Allow statement."""
    return _statement("Allow", actions, resource, condition)


def deny(actions, resource="*", **condition):
    """A Deny statement."""
    return _statement("Deny", actions, resource, condition)


def _statement(effect, actions, resource, condition):
    statement = {"Effect": effect, "Action": actions, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return statement


def role_arn(name):
    """The ARN of a role of the account."""
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def job_arn(name):
    """The ARN of a training job of the account."""
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name}"


SAGEMAKER_TRUST = policy(
    {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:*"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
    }
)


def execution_policy(team):
    """What the members of a team may do, told apart by variables alone."""
    jobs = [f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/*" for kind in ("training-job", "model")]
    prefix = f"{team}/users/${{aws:SourceIdentity}}"
    tag = "aws:RequestTag/sagemaker:user-profile-arn"
    return policy(
        allow(
            [
                "sagemaker:DescribeTrainingJob",
                "sagemaker:UpdateTrainingJob",
                "sagemaker:StopTrainingJob",
                "sagemaker:DescribeModel",
                "sagemaker:ListTags",
            ],
            jobs,
            StringLike={"sagemaker:ResourceTag/sagemaker:user-profile-arn": OWN_PROFILE},
        ),
        allow(
            ["sagemaker:CreateTrainingJob", "sagemaker:CreateModel"],
            jobs,
            StringEqualsIfExists={tag: OWN_PROFILE},
        ),
        allow("sagemaker:AddTags", jobs, Null={"sagemaker:TaggingAction": "false"}),
        deny(
            ["sagemaker:AddTags", "sagemaker:DeleteTags"],
            **{
                "ForAnyValue:StringLike": {"aws:TagKeys": ["sagemaker:*"]},
                "Null": {"sagemaker:TaggingAction": "true"},
            },
        ),
        allow(["sagemaker:ListTrainingJobs"]),
        allow("iam:PassRole", role_arn(f"{team}-execution"), StringEquals={"iam:PassedToService": "sagemaker.amazonaws.com"}),
        allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"arn:aws:s3:::{BUCKET}/{prefix}/*"),
        allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", StringLike={"s3:prefix": [prefix, f"{prefix}/*"]}),
        allow(
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{team}/${{aws:SourceIdentity}}/*",
        ),
        allow(["sts:AssumeRole", "sts:SetSourceIdentity"], role_arn("shared-reader")),
    )


class Tenants:
    """The account; `credentials(name)` makes a person's Studio session."""

    TEAMS = {"vision": ["alice", "bob"], "speech": ["carol"]}

    def __init__(self, server):
        self.server = server
        self.domains = {}
        self._sessions = {}
        iam, s3 = server.client("iam"), server.client("s3")
        sagemaker, secrets = server.client("sagemaker"), server.client("secretsmanager")
        s3.create_bucket(Bucket=BUCKET)
        trails.create(server, "objects", "team-audit", trails.OBJECTS)
        for team, people in self.TEAMS.items():
            name = f"{team}-execution"
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=SAGEMAKER_TRUST)
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=execution_policy(team))
            domain = sagemaker.create_domain(
                DomainName=team,
                AuthMode="IAM",
                DefaultUserSettings={"ExecutionRole": role_arn(name)},
                DomainSettings={"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"},
                SubnetIds=["subnet-0a0a0a0a"],
                VpcId="vpc-0a0a0a0a",
            )
            self.domains[team] = domain["DomainArn"].rsplit("/", 1)[1]
            for person in people:
                sagemaker.create_user_profile(DomainId=self.domains[team], UserProfileName=person)
                s3.put_object(Bucket=BUCKET, Key=f"{team}/users/{person}/a.txt", Body=person.encode())
                secrets.create_secret(Name=f"{team}/{person}/token", SecretString=f"of {person}")
        self._make_shared_reader(iam)

    def _make_shared_reader(self, iam):
        trust = policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": [role_arn("vision-execution"), role_arn("speech-execution")]},
                "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
                "Condition": {"StringLike": {"sts:SourceIdentity": "*"}},
            }
        )
        iam.create_role(RoleName="shared-reader", AssumeRolePolicyDocument=trust)
        reading = policy(allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/shared/${{aws:SourceIdentity}}.txt"))
        iam.put_role_policy(RoleName="shared-reader", PolicyName="read", PolicyDocument=reading)

    def team(self, person):
        """The team that a person is in."""
        return next(team for team, people in self.TEAMS.items() if person in people)

    def presigned_url(self, person):
        """What CreatePresignedDomainUrl answers, asked by the root user."""
        answer = self.server.client("sagemaker").create_presigned_domain_url(
            DomainId=self.domains[self.team(person)], UserProfileName=person
        )
        return answer["AuthorizedUrl"]

    def credentials(self, person):
        """The credentials of a person's Studio session, made once."""
        if person not in self._sessions:
            with self.server.open(self.presigned_url(person)) as answer:
                found = json.load(answer)
            token = found.get("Token") or found["SessionToken"]
            self._sessions[person] = (found["AccessKeyId"], found["SecretAccessKey"], token)
        return self._sessions[person]

    def client(self, service, person):
        """A client with a person's Studio session."""
        return self.server.client(service, self.credentials(person))

    def profile_arn(self, person):
        """The ARN of a person's user profile."""
        return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/{self.domains[self.team(person)]}/{person}"

    def create_job(self, person, name, **more):
        """Creates a training job as a person."""
        more.setdefault("RoleArn", role_arn(f"{self.team(person)}-execution"))
        return self.client("sagemaker", person).create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
            **more,
        )

    def events(self, name, **wanted):
        """The trail's records of an API call, newest first, whose records hold the wanted members (`a__b` is a.b)."""
        paginator = self.server.client("cloudtrail").get_paginator("lookup_events")
        pages = paginator.paginate(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])
        records = [json.loads(event["CloudTrailEvent"]) for page in pages for event in page["Events"]]
        return _matching(records, wanted)

    def data_events(self, name, number, **wanted):
        """The same of a data event, from the files of a trail, once there are `number` of them."""

        def found():
            records = trails.records(self.server, "team-audit")
            return _matching((record for record in records if record["eventName"] == name), wanted)

        return trails.wait(found, lambda records: len(records) >= number)


def _matching(records, wanted):
    return [record for record in records if all(_at(record, path) == value for path, value in wanted.items())]


def _at(record, path):
    for member in path.split("__"):
        record = (record or {}).get(member)
    return record
