"""Lets an OpenID provider on loopback stand for Google in a deployment: registers with it, and signs people in there.

The provider is the one of .ci/sso/, which asks nobody for anything. OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and
OIDC_REDIRECT_URI say where it is and what was agreed with it.
"""

import http.cookiejar
import os
import urllib.error
import urllib.parse
import urllib.request


def issuer():
    """The provider that stands for Google; None where there is none."""
    return os.environ.get("OIDC_ISSUER")


def registered(aws):
    """What an operator does who lets people sign in with Google. Answers the template's parameters for it."""
    secret = aws("secretsmanager").create_secret(Name="google", SecretString=os.environ["OIDC_CLIENT_SECRET"])
    return {"GoogleClientId": os.environ["OIDC_CLIENT_ID"], "GoogleClientSecretArn": secret["ARN"]}


def redirected(deployment):
    """Sends the functions that ask Google to the provider: the template names no issuer, since Google has but one."""
    functions = deployment.aws("lambda")
    for name in deployment.of_type("AWS::Lambda::Function").values():
        variables = functions.get_function_configuration(FunctionName=name).get("Environment", {}).get("Variables", {})
        if "GOOGLE_CLIENT_ID" in variables:
            variables["GOOGLE_ISSUER"] = issuer()
            functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


class UntilBack(urllib.request.HTTPRedirectHandler):
    """Follows redirects until one leads back to the service."""

    def redirect_request(self, request, answer, code, message, headers, url):
        if url.startswith(os.environ["OIDC_REDIRECT_URI"]):
            return None
        return super().redirect_request(request, answer, code, message, headers, url)


def browser():
    """google(url), as credentials wants it. Who has signed in once stays signed in at the provider."""
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(UntilBack, cookies)

    def google(url):
        try:
            with opener.open(url, timeout=10) as answer:
                raise RuntimeError(f"the provider answers {answer.status} at {answer.url}, and sends nobody back")
        except urllib.error.HTTPError as answer:
            back = urllib.parse.urlsplit(answer.headers.get("location", ""))
            if not back.query:
                raise
            return f"{back.path}?{back.query}"

    return google
