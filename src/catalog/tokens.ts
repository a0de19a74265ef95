import { pages } from './pages.ts'
import { disagreement, inferred, note, trap } from './sourced.ts'

/**
 * How tokens of Entra ID are validated, and what a redirect URI may be. `{tid}` stands for the tenant id, `{clientId}`
 * for the app's id, `{oid}` for the user's object id. Durations are ISO 8601.
 */
export const tokenRules = {
  issuers: {
    v1: 'https://sts.windows.net/{tid}/',
    v2: 'https://login.microsoftonline.com/{tid}/v2.0',
    /** The tenant of personal accounts. */
    consumerTenantId: '9188040d-6c67-4c5b-b112-36a304b66dad',
    otherClouds: {
      usgov: { v1: 'https://sts.windows.net/{tid}/', v2: 'https://login.microsoftonline.us/{tid}/v2.0' },
      china: { v1: 'https://sts.chinacloudapi.cn/{tid}/', v2: 'https://login.partner.microsoftonline.cn/{tid}/v2.0' },
    },
    notes: [
      trap(
        'v1 ends in a slash, v2 does not; which one depends on accessTokenAcceptedVersion of the API (null or 1 gives v1), not on the endpoint that the client used.',
      ),
      inferred(
        'In the other clouds only v2 issuers follow the authority host; the v1 forms are from public samples and libraries, not from an Entra page. Take issuers from the discovery document.',
      ),
    ],
    ...pages.accessTokens,
  },
  discovery: {
    v1: 'https://login.microsoftonline.com/{tid}/.well-known/openid-configuration',
    v2: 'https://login.microsoftonline.com/{tid}/v2.0/.well-known/openid-configuration',
    keysV1: 'https://login.microsoftonline.com/{tid}/discovery/keys',
    keysV2: 'https://login.microsoftonline.com/{tid}/discovery/v2.0/keys',
    /** Appended to discovery when claims mapping gives the app a key of its own. */
    customSigningKeyQuery: '?appid={clientId}',
    ...pages.accessTokens,
  },
  keyRollover: {
    schedule: 'none guaranteed; can be immediate in an emergency',
    cacheKey: ['tid', 'kid'],
    timeToLivePerKey: 'PT24H',
    backgroundRefresh: 'PT1H',
    onUnknownKid: 'refresh at once',
    minInterval: 'PT5M',
    merge: 'add or renew keys one by one; do not replace the whole set',
    whyMerge:
      'during a rollover /common/ was seen to return between 6 and 9 keys from request to request (https://github.com/dfinity/internet-identity/pull/3957)',
    cacheSize: { atLeast: 10, atMost: 1000 },
    order: 'neither the order nor the count of keys has a meaning',
    useTenantEndpoint: true,
    notes: [
      disagreement(
        'The page contradicts itself on the refresh interval: every hour in the general rules and pseudo code, 12 hours with 1 hour of jitter in the step list.',
      ),
      disagreement('access-tokens.md (2023-08-01) calls a check every 24 hours reasonable.'),
    ],
    ...pages.signingKeyRollover,
  },
  validation: {
    steps: [
      'signature with the key named by kid (v1 also has x5t, v2 only kid); accept only the algorithm expected, RS256',
      'issuer exact; from the common endpoint replace {tenantid} by tid and compare; discovery of the same version as ver',
      "the key's own issuer field must match too",
      'tid is a GUID and equals the GUID in iss',
      'aud: v2 always the client id of the API; v1 client id or App ID URI',
      'nbf and exp with small skew',
      'scp for delegated calls, roles for app-only (user tokens carry roles too); idtyp tells which, but only if the API asks for it as optional claim',
      'acr and amr exist in v1 tokens only; amr in v2 needs another path (acrs)',
      'never authorize on preferred_username, email, name, unique_name; use tid and oid, or sub',
    ],
    ...pages.accessTokens,
  },
  claims: {
    meaning: {
      tid: 'tenant',
      oid: 'object id, same across apps in a tenant',
      sub: 'pairwise per app',
      roles: 'app roles or application permissions',
      scp: 'delegated scopes, space separated',
      groups: 'object ids; dropped above the limits',
      wids: 'directory role template ids, if groupMembershipClaims asks',
      amr: 'v1 only',
      acrs: 'authentication context ids satisfied (array of strings)',
      xms_cc: 'client capabilities; cp1 means the client understands claims challenges; compared without case',
      azp: 'v2 client id',
      appid: 'v1 client id',
      azpacr: '0 public, 1 secret, 2 certificate',
      appidacr: 'v1 form of azpacr',
      ver: '1.0 or 2.0',
      uti: 'token id',
    },
    ...pages.accessTokenClaims,
  },
  groupsOverage: {
    /** How many groups a token holds; above that the claim is replaced by the signal. */
    limits: { jwt: 200, saml: 150, implicit: 6 },
    signals: ['_claim_names.groups points to a key of _claim_sources', 'hasgroups:true in implicit flow'],
    endpointInToken: 'graph.windows.net (retired API)',
    useInstead:
      'POST https://graph.microsoft.com/v1.0/users/{oid}/getMemberObjects (or me/getMemberObjects); host by cloud',
    mustFailClosed: 'absence of groups with an overage marker is not "no groups"',
    notes: [
      disagreement('Implicit flow: one passage puts the limit at 6 groups, the hasgroups row speaks of six or more.'),
      disagreement(
        'The claims table shows a graph.microsoft.com endpoint in the claim, the note below it says the URL is graph.windows.net.',
      ),
    ],
    ...pages.accessTokenClaims,
  },
  claimsChallenge: {
    status: 401,
    header:
      'WWW-Authenticate: Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="<base64 of JSON>"',
    json: { access_token: { acrs: { essential: true, value: 'c1' } } },
    contexts: 'ids of the form c<number>; c1 and c25 occur in the documentation samples',
    realmRule: 'an empty realm demands the common authorize endpoint; a realm demands its tenant in authorization_uri',
    clientSide: 'decode, URL-encode, pass as the claims parameter',
    capabilityRequest: { access_token: { xms_cc: { values: ['cp1'] } } },
    onlyWhen:
      'the token carries xms_cc with cp1 (the API must request xms_cc as optional claim); otherwise answer 403 without a challenge',
    notes: [
      trap(
        'The sample header of the page encodes acrs value cp1; cp1 is a client capability, an own API must put its context id (c1, c2 …) there.',
      ),
    ],
    ...pages.claimsChallenge,
  },
  lifetimes: {
    default: '60 to 90 minutes at random, 75 on average',
    withoutConditionalAccess: '2 hours for some first-party clients',
    continuousAccessEvaluation: '20 to 28 hours',
    ...pages.accessTokens,
  },
  redirectUri: {
    scheme: 'https, except http for localhost',
    caseSensitive: true,
    port: 'part of the match, so :8443 must be registered; ignored only for localhost loopback',
    trailingSlash: 'a URI without path is returned with a slash (query and fragment modes); one with a path is not',
    ipv6Loopback: '[::1] is not supported',
    prefer: '127.0.0.1; its http form only through the manifest',
    maxUris: { workOrSchool: 256, withPersonal: 100 },
    maxLength: 256,
    queryAllowed: 'only when no personal accounts sign in',
    wildcards: 'only by manifest and only without personal accounts; advised against',
    forbiddenCharacters: ['!', '$', "'", '(', ')', ',', ';'],
    addTo: 'the application object, never the service principal',
    notes: [note('Entra ID never calls a redirect URI: the browser follows it.')],
    ...pages.replyUrl,
  },
} as const
