// A certified OpenID provider on loopback, for .ci/sso.sh:
//   node provider.mjs PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI
// It asks nothing: whoever comes is signed in as the login_hint, with consent to everything.
// The packages are found through SSO_MODULES, since they are installed into .tools/.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.SSO_MODULES}/`);
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));
const [port, id, secret, redirectUri] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: id,
      client_secret: secret,
      redirect_uris: [redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  clientAuthMethods: ['client_secret_basic'],
  pkce: { required: () => true },
  cookies: { keys: ['only for the gate'] },
  // The claims of the scopes stand in the id token, as Google's do.
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, email: sub, email_verified: sub.startsWith('verified'), name: 'Ada Lovelace' }),
  }),
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
});

provider.use(async (context, next) => {
  if (!context.path.startsWith('/interaction/')) return next();
  const { prompt, params, session } = await provider.interactionDetails(context.req, context.res);
  context.respond = false;
  if (prompt.name === 'login') {
    const result = { login: { accountId: params.login_hint } };
    return provider.interactionFinished(context.req, context.res, result);
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid email profile');
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(context.req, context.res, result, { mergeWithLastSubmission: true });
});

provider.listen(Number(port), '127.0.0.1');
