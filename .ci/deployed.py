"""Deploys template.yaml, as CloudFormation would, to the local AWS of ministack.sh, and plays the main job, what people
prove themselves with, and pictures through it.

    deployed.py --functions-zip FILE --worker-zip FILE [--parameter KEY=VALUE]...

FILE is a zip with `bootstrap` in it, or the binary itself. Runs on the Python that tools.sh exports as MINISTACK_PYTHON.

ministack runs the SAM transform, makes the table with its stream, the schedules, alarms, roles and functions, starts the
compiled functions and, started with AUTH=true, refuses every call that a function's role does not allow. Four things
differ from AWS, and only they are made up for here:
  - it ignores the OpenAPI body in which SAM writes the routes of an HTTP API: they are made one by one from that body;
  - it checks ses:SendEmail on no identity in particular ("*"): a role that may send from one identity may from any;
  - it has no TLS: the policy of the bucket, which wants that, is taken away;
  - it has no Google: an OpenID provider on loopback stands for it, where google.py is told of one.
"""

import argparse
import io
import json
import re
import sys
import time
import traceback
import urllib.request
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import yaml
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config

sys.path.insert(0, str(Path(__file__).resolve().parent))
import credentials
import google
import main_job
import people
import pictures

REPO = Path(__file__).resolve().parent.parent
REGION = "eu-central-1"
BUCKET = "deployment"
# CloudFormation's own limit for one stack, after the transform.
MOST_RESOURCES = 500


class Template(yaml.SafeLoader):
    """Reads CloudFormation's short forms (!Ref, !GetAtt, !Sub ...) as their long ones."""


def long_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Template.add_multi_constructor("!", long_form)


@dataclass
class Deployment:
    """What came of a deployment: where its API answers, and the physical name of each resource by its logical one."""

    stack: str
    base_url: str
    resources: dict
    types: dict
    routes: list
    aws: object = field(repr=False)

    def of_type(self, kind):
        return {logical: self.resources[logical] for logical, its in self.types.items() if its == kind}


def clients(endpoint):
    """aws(service): a client of the local AWS, whose root credentials are these."""
    session = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    patient = Config(read_timeout=120, retries={"max_attempts": 1})
    return lambda service: session.client(service, endpoint_url=endpoint, config=patient)


def as_zip(path):
    """The file's bytes if it is a zip already, otherwise a zip with the file as an executable `bootstrap`."""
    if zipfile.is_zipfile(path):
        return Path(path).read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        bootstrap = zipfile.ZipInfo("bootstrap")
        bootstrap.external_attr = 0o755 << 16
        bootstrap.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(bootstrap, Path(path).read_bytes())
    return packed.getvalue()


def binary_of(function, defaults):
    """Which of our binaries a function runs: "functions" or "worker"."""
    named = function.get("Metadata", {}).get("BuildProperties", {}).get("Binary")
    code = str(function["Properties"].get("CodeUri", defaults.get("CodeUri", "")))
    return named or ("worker" if "worker" in code else "functions")


def deploy(endpoint, template, zips, parameters=None, stack="accounts"):
    """Brings the template up as a new stack and answers its `Deployment`.

    endpoint    the local AWS, e.g. http://127.0.0.1:4566
    template    path of template.yaml
    zips        {"functions": bytes, "worker": bytes}
    parameters  values for the template's parameters that have no default, or another than theirs
    """
    aws = clients(endpoint)
    document = yaml.load(Path(template).read_text(), Template)

    # What `sam package` does: upload the code, point each function to it.
    s3 = aws("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for name, content in zips.items():
        s3.put_object(Bucket=BUCKET, Key=f"{name}.zip", Body=content)
    defaults = document.get("Globals", {}).get("Function", {})
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            key = f"{binary_of(resource, defaults)}.zip"
            resource["Properties"]["CodeUri"] = {"Bucket": BUCKET, "Key": key}
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(document))

    cloudformation = aws("cloudformation")
    cloudformation.create_stack(
        StackName=stack,
        TemplateURL=f"{endpoint}/{BUCKET}/template.json",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in (parameters or {}).items()],
    )
    patience = time.monotonic() + 180
    while (status := cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]).endswith("IN_PROGRESS"):
        if time.monotonic() > patience:
            raise RuntimeError(f"the stack is still {status}")
        time.sleep(0.2)
    if status != "CREATE_COMPLETE":
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        causes = [
            f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("FAILED")
        ]
        raise RuntimeError("\n".join([f"the stack is {status}", *causes]))

    listed = []
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        listed += page["StackResourceSummaries"]
    resources = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}
    types = {one["LogicalResourceId"]: one["ResourceType"] for one in listed}

    processed = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    processed = json.loads(processed) if isinstance(processed, str) else processed
    deployment = Deployment(stack, "", resources, types, [], aws)
    apis = deployment.of_type("AWS::ApiGatewayV2::Api")
    if len(apis) != 1:
        raise RuntimeError(f"one HTTP API was expected, not {sorted(apis)}")
    [(logical, api)] = apis.items()
    deployment.routes = make_routes(aws, api, processed["Resources"][logical]["Properties"]["Body"], resources)
    deployment.base_url = f"{endpoint}/_aws/execute-api/{api}"
    let_senders_send(aws, deployment.of_type("AWS::IAM::Role").values())
    for bucket in deployment.of_type("AWS::S3::Bucket").values():
        aws("s3").delete_bucket_policy(Bucket=bucket)
    return deployment


def make_routes(aws, api, body, resources):
    """Makes the routes that API Gateway would import from SAM's OpenAPI body. Answers their keys."""
    gateway, functions = aws("apigatewayv2"), aws("lambda")
    integrations, routes = {}, []
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            integration = operation.get("x-amazon-apigateway-integration")
            if integration is None:
                continue
            function = re.search(r"\$\{(\w+)\.Arn\}", json.dumps(integration["uri"]))[1]
            if function not in integrations:
                arn = functions.get_function_configuration(FunctionName=resources[function])["FunctionArn"]
                integrations[function] = gateway.create_integration(
                    ApiId=api,
                    IntegrationType="AWS_PROXY",
                    IntegrationMethod="POST",
                    IntegrationUri=arn,
                    PayloadFormatVersion=integration["payloadFormatVersion"],
                )["IntegrationId"]
            verb = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
            key = "$default" if path == "/$default" else f"{verb} {path}"
            gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{integrations[function]}")
            routes.append(key)
    if "$default" not in [stage["StageName"] for stage in gateway.get_stages(ApiId=api)["Items"]]:
        gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return routes


def let_senders_send(aws, roles):
    """Roles that may send mail from an identity may send here, where the identity is not looked at. Nobody else may."""
    iam = aws("iam")
    anyhow = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
    for role in roles:
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            document = json.loads(document) if isinstance(document, str) else document
            statements = document["Statement"]
            for statement in statements if isinstance(statements, list) else [statements]:
                actions = statement.get("Action", [])
                actions = [actions] if isinstance(actions, str) else actions
                if statement["Effect"] == "Allow" and any(action.startswith("ses:Send") for action in actions):
                    allowed = json.dumps({"Version": "2012-10-17", "Statement": [anyhow]})
                    iam.put_role_policy(RoleName=role, PolicyName="any-identity", PolicyDocument=allowed)


def inbox(endpoint):
    """mails(to), as main_job wants it, from what arrived at the local SES."""

    def mails(to):
        with urllib.request.urlopen(f"{endpoint}/_ministack/ses/messages", timeout=10) as answer:
            accounts = json.load(answer)["messages"]
        found = [mail for account in accounts.values() for mail in account if to in mail["To"]]
        found.sort(key=lambda mail: mail["Timestamp"], reverse=True)
        return [{"subject": mail["Subject"], "text": mail["BodyText"]} for mail in found]

    return mails


def keeper(deployment):
    """kept(prefix), as credentials wants it, from the one table."""
    [table] = deployment.of_type("AWS::DynamoDB::Table").values()
    pages = deployment.aws("dynamodb").get_paginator("scan")
    plain = TypeDeserializer().deserialize

    def kept(prefix):
        items = [item for page in pages.paginate(TableName=table, ConsistentRead=True) for item in page["Items"]]
        items = [{name: plain(value) for name, value in item.items()} for item in items]
        return [item for item in items if item["pk"].startswith(prefix) or item["sk"].startswith(prefix)]

    return kept


def bucket(deployment):
    """files(), as pictures wants it, from the one bucket."""
    [name] = deployment.of_type("AWS::S3::Bucket").values()
    pages = deployment.aws("s3").get_paginator("list_objects_v2")
    return lambda: [one["Key"] for page in pages.paginate(Bucket=name) for one in page.get("Contents", [])]


def schedules(deployment):
    """(logical name, expression, state, target's ARN, its input) of every schedule: rules and those of Scheduler."""
    events, scheduler = deployment.aws("events"), deployment.aws("scheduler")
    found = []
    for logical, name in deployment.of_type("AWS::Events::Rule").items():
        rule = events.describe_rule(Name=name)
        if "ScheduleExpression" in rule:
            for target in events.list_targets_by_rule(Rule=name)["Targets"]:
                found.append((logical, rule["ScheduleExpression"], rule["State"], target["Arn"], target.get("Input")))
    for logical, name in deployment.of_type("AWS::Scheduler::Schedule").items():
        one = scheduler.get_schedule(Name=name)
        found.append((logical, one["ScheduleExpression"], one["State"], one["Target"]["Arn"], one["Target"].get("Input")))
    return found


def run_schedules(deployment):
    """run_worker, as main_job wants it: invokes every schedule's target with what the schedule would send it."""
    functions = deployment.aws("lambda")
    report = {"failures": []}
    for logical, _, _, target, its_input in schedules(deployment):
        event = its_input or json.dumps(
            {
                "version": "0",
                "id": "6f87d04b-9a3f-4a1f-8a3e-3f3f1f3c9d10",
                "detail-type": "Scheduled Event",
                "source": "aws.events",
                "account": "000000000000",
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "region": REGION,
                "resources": [f"arn:aws:events:{REGION}:000000000000:rule/{logical}"],
                "detail": {},
            }
        )
        answer = functions.invoke(FunctionName=target, Payload=event)
        told = json.loads(answer["Payload"].read() or "null")
        if answer.get("FunctionError") or (isinstance(told, dict) and told.get("failures")):
            report["failures"].append({logical: told})
        report[logical] = told
    return report


def log_groups(deployment, function):
    """Where a function's lines may be: in the group that the template names, or in Lambda's own."""
    configuration = deployment.aws("lambda").get_function_configuration(FunctionName=function)
    return {configuration.get("LoggingConfig", {}).get("LogGroup"), f"/aws/lambda/{function}"} - {None}


def log_lines(deployment, groups, **query):
    """The lines of log groups, as far as there are such groups."""
    logs = deployment.aws("logs")
    for group in sorted(groups):
        try:
            yield from (event["message"] for event in logs.filter_log_events(logGroupName=group, **query)["events"])
        except logs.exceptions.ResourceNotFoundException:
            continue


def invocations(deployment, function):
    """How often a function was invoked since it was deployed, by anybody. (The metrics leave out what schedules invoke.)"""
    lines = log_lines(deployment, log_groups(deployment, function), filterPattern="START")
    return sum(line.startswith("START RequestId") for line in lines)


def fires_by_itself(deployment, target, within):
    """Whether the schedule's function is invoked without us."""
    function = target.rsplit(":", 1)[-1]
    before, patience = invocations(deployment, function), time.monotonic() + within
    while time.monotonic() < patience:
        if invocations(deployment, function) > before:
            return True
        time.sleep(1)
    return False


def streams(deployment):
    """What became of the last batch of each event source mapping, by function."""
    mappings = deployment.aws("lambda").list_event_source_mappings()["EventSourceMappings"]
    return {mapping["FunctionArn"].rsplit(":", 1)[-1]: mapping.get("LastProcessingResult") for mapping in mappings}


def tell_logs(deployment):
    """Prints what the functions wrote that looks like trouble, for whoever reads a failed run."""
    functions = deployment.of_type("AWS::Lambda::Function").values()
    for group in sorted({group for name in functions for group in log_groups(deployment, name)}):
        lines = [line for message in log_lines(deployment, {group}) for line in message.splitlines()]
        for line in [line for line in lines if re.search(r"error|warn|denied|panic", line, re.IGNORECASE)][-8:]:
            print(f"  {group}: {line[:900]}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--functions-zip", required=True)
    parser.add_argument("--worker-zip", required=True)
    parser.add_argument("--template", default=REPO / "template.yaml")
    parser.add_argument("--endpoint", default="http://127.0.0.1:4566")
    parser.add_argument("--stack", default="accounts")
    parser.add_argument("--parameter", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--deploy-only", action="store_true", help="deploy, print the base URL, play nothing")
    told = parser.parse_args()

    zips = {"functions": as_zip(told.functions_zip), "worker": as_zip(told.worker_zip)}
    parameters = {"AppUrl": "https://roster.example", "MailFrom": "no-reply@roster.example"}
    parameters |= google.registered(clients(told.endpoint)) if google.issuer() else {}
    parameters |= dict(one.split("=", 1) for one in told.parameter)
    # What an operator does once before the first deployment: SES sends only from what it knows.
    clients(told.endpoint)("sesv2").create_email_identity(EmailIdentity=parameters["MailFrom"])
    began = time.monotonic()
    deployment = deploy(told.endpoint, told.template, zips, parameters, told.stack)
    print(
        f"deployed {len(deployment.resources)} resources with {len(deployment.routes)} routes in"
        f" {time.monotonic() - began:.1f} s: {deployment.base_url}",
        flush=True,
    )
    if told.deploy_only:
        return 0

    score = main_job.Score()
    try:
        count = len(deployment.resources)
        score.step(f"the stack keeps CloudFormation's limit of {MOST_RESOURCES} resources", count <= MOST_RESOURCES, count)
        planned = schedules(deployment)
        own = {name.rsplit(":", 1)[-1] for name in deployment.of_type("AWS::Lambda::Function").values()}
        score.step(
            "there are schedules, enabled, and each calls a function of the stack",
            planned and all(state == "ENABLED" and arn.rsplit(":", 1)[-1] in own for _, _, state, arn, _ in planned),
            planned,
        )
        mails = inbox(told.endpoint)
        main_job.play(deployment.base_url, mails, lambda: run_schedules(deployment), score)
        if google.issuer():
            google.redirected(deployment)
        browser = google.browser() if google.issuer() else None
        credentials.play(deployment.base_url, mails, keeper(deployment), score, browser)
        pictures.play(deployment.base_url, lambda: run_schedules(deployment), bucket(deployment), score)
        people.play(deployment.base_url, mails, lambda: run_schedules(deployment), score)
        # Waiting for longer ones would cost more than it shows.
        by_the_minute = {target for _, expression, _, target, _ in planned if expression == "rate(1 minute)"}
        for target in sorted(by_the_minute):
            score.step(f"{target.rsplit(':', 1)[-1]} is invoked on schedule", fires_by_itself(deployment, target, 75))
        ends = streams(deployment)
        well = bool(ends) and all(str(end).startswith("OK") for end in ends.values())
        score.step("the stream's function dealt with its last batch", well, ends)
    except main_job.Failed:
        tell_logs(deployment)
    except Exception:
        score.failed += 1
        traceback.print_exc()
        tell_logs(deployment)
    return score.closing()


if __name__ == "__main__":
    sys.exit(main())
