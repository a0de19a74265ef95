import type { ChecklistItem } from './checklist.ts'
import { left, shown } from './checklistItem.ts'

const attacks = 'src/gate/signIn/attacks.test.ts'
const signIn = 'src/gate/signIn/signIn.test.ts'
const openIdClient = 'src/gate/signIn/openIdClient.test.ts'
const conformance = 'test/gate/conformanceRows.ts'
const playedModules = 'test/gate/conformance.test.ts'
const tokens = 'src/identity/tokenVerifier.test.ts'
const idTokens = 'src/identity/idTokenVerifier.test.ts'
const keys = 'src/identity/signingKeys.test.ts'
const challenges = 'src/identity/challenges.test.ts'
const callers = 'test/gate/callers.test.ts'
const ranged = 'test/gate/attacks/signIn.test.ts'
const rangedTokens = 'test/gate/attacks/tokens.test.ts'

const wayToEntra = 'the way to Entra ID has PKCE, state, nonce and the redirect URI, and is sent to nobody else'
const asksForACode = 'what the gate asks for is a code, by three scopes'
const noServer = 'The gate issues nothing: Entra ID is the authorization server.'
const bearer =
  'Entra ID issues bearer tokens to web apps and APIs. The gate keeps none of a sign-in but the refresh token, sealed and bound to its own credential.'

const rfc9700: readonly ChecklistItem[] = [
  shown('RFC 9700 2.1', 'Redirect URIs are compared as they are, and a client redirects nowhere else.', {
    'src/lab/tenant/signIn.test.ts': ['a code is good once, with its verifier, for its app and its redirect URI'],
    [ranged]: ['after a sign-in nobody is sent elsewhere'],
  }),
  shown('RFC 9700 2.1.1', 'PKCE by S256 always, bound to the browser and the transaction; a nonce too.', {
    [signIn]: [wayToEntra],
    [attacks]: ['code injection: a code of another sign-in does not fit the verifier of this one'],
  }),
  shown('RFC 9700 2.1.2', 'No implicit grant: tokens are not taken from an address.', {
    [playedModules]: [asksForACode],
    [ranged]: ['a token in the address'],
  }),
  shown('RFC 9700 2.2.2', 'A refresh token is bound to its client, and kept where nobody reads it.', {
    'src/store/sessions/sessionStore.test.ts': [
      'a session is found by its id, and its id, refresh token and verifier stand nowhere on the disk',
    ],
    'src/store/sessions/sealer.test.ts': ['what was changed, moved, cut or sealed by another key does not open'],
  }),
  left('operator', 'RFC 9700 2.2.1', 'Access tokens are bound to who sends them.', bearer),
  shown('RFC 9700 2.3', 'An access token is for one API, and what it grants is asked each time.', {
    [rangedTokens]: ['a token for another app', 'a token for ours and for another'],
    [callers]: ['a daemon is let in where a route names apps, and nowhere else'],
  }),
  shown('RFC 9700 2.4', 'No passwords of people pass through the client.', {
    [playedModules]: [asksForACode],
  }),
  shown('RFC 9700 2.5', 'The client proves itself, best by a key.', {
    [openIdClient]: [
      'a certificate proves the gate, for codes, refresh tokens and Graph',
      'a federated token proves the gate, and is read each time that it is used',
    ],
  }),
  shown('RFC 9700 2.6', 'TLS on the whole way; endpoints come from nobody else than the authority.', {
    'src/net/boundedFetch.test.ts': [
      'only the places that are listed are asked, over TLS',
      'a certificate of another name, and one of a CA that nobody trusts, ends the question before it is sent',
    ],
    [conformance]: ['discovery-issuer-mismatch'],
  }),
  shown('RFC 9700 4.1', 'What comes back is taken at one redirect URI, the registered one.', {
    [signIn]: [wayToEntra],
  }),
  shown('RFC 9700 4.2', 'Nothing of a sign-in leaks by Referer.', {
    'src/gate/pages.test.ts': ['who is sent on leaves nothing behind'],
  }),
  shown('RFC 9700 4.3', 'No tokens in addresses, where histories and logs keep them.', {
    [ranged]: ['a token in the address'],
    'src/store/record/eventBody.test.ts': ['a query is cut off, with the codes that are in it'],
  }),
  shown('RFC 9700 4.4', 'The answer of another authorization server is not redeemed.', {
    [attacks]: [
      'mix-up: an answer that says that it is of another issuer is not redeemed anywhere',
      'mix-up among tenants that may all come: the issuer of the answer is that of the token',
    ],
    [conformance]: ['invalid-iss-in-authorization-response'],
  }),
  shown('RFC 9700 4.5', 'A code that was stolen is of no use in another browser.', {
    [attacks]: ['code injection: a code of another sign-in does not fit the verifier of this one'],
    [ranged]: ['replay: the code of one sign-in with the state of another'],
  }),
  shown('RFC 9700 4.6', 'An access token signs nobody in.', {
    [ranged]: ['a token in the address'],
    [idTokens]: ['not-an-id-token'],
  }),
  shown('RFC 9700 4.7', 'Nobody is signed in by an answer to a sign-in that another browser began.', {
    [attacks]: ['login CSRF: nobody is signed in by an answer that another browser got'],
    [conformance]: ['invalid-state', 'missing-state'],
  }),
  left(
    'not-ours',
    'RFC 9700 4.8',
    'A server that knows PKCE demands the verifier where there was a challenge.',
    noServer,
  ),
  left(
    'operator',
    'RFC 9700 4.9',
    'What a resource server leaks is of no use elsewhere.',
    `${bearer} A backend is handed the token of a caller only where it is of the gate’s own audience.`,
  ),
  left('operator', 'RFC 9700 4.10', 'A stolen access token is of no use.', bearer),
  shown('RFC 9700 4.11', 'No open redirector, at the client either.', {
    [ranged]: ['after a sign-in nobody is sent elsewhere'],
    'src/gate/ownPath.test.ts': [
      'whatever text comes, what is taken stays at the gate, in a header and in a link alike',
    ],
  }),
  shown('RFC 9700 4.12', 'Redirects are 302 or 303, so that no form is sent on.', {
    [signIn]: ['signing out takes a button of the gate’s own, ends the session, and goes on to Entra ID'],
  }),
  shown(
    'RFC 9700 4.13',
    'What a proxy in front says is taken from that proxy alone; what clients send in its name is removed.',
    {
      'test/gate/attacks/headers.test.ts': [
        'behind a proxy the address is what that one says, and nothing that stands further left',
        'no header field opens what is closed, or tells the backend what only the gate may tell',
      ],
    },
  ),
  shown('RFC 9700 4.14', 'Refresh tokens end when access ends.', {
    'src/gate/signIn/revalidation.test.ts': ['whose sign-ins were revoked', 'who was blocked'],
  }),
  shown('RFC 9700 4.15', 'A client with a token of its own is not taken for a person.', {
    [tokens]: ['apps are accepted where they are expected, and people then are not'],
    [callers]: ['a daemon is let in where a route names apps, and nowhere else'],
  }),
  shown('RFC 9700 4.16', 'The pages of a sign-in stand in no frame.', {
    'src/gate/pages.test.ts': ['a page allows no script, no frame, no outside, and its own style by its hash'],
  }),
  left(
    'not-ours',
    'RFC 9700 4.17',
    'Windows that hand tokens on to each other check who is there.',
    'No page of the gate speaks with another window.',
  ),
]

const tokensOfAsvs: readonly ChecklistItem[] = [
  shown('ASVS 9.1.1', 'The signature of a token is verified before what it says counts.', {
    [rangedTokens]: ['a token whose claims were changed', 'a token without its signature'],
    [conformance]: ['invalid-sig-rs256'],
  }),
  shown('ASVS 9.1.2', 'Algorithms are of a list, and none is not on it.', {
    [rangedTokens]: ['a token that nobody has signed', 'a token that is signed by the public key'],
    [conformance]: ['idtoken-sig-none', 'invalid-sig-hs256'],
  }),
  shown('ASVS 9.1.3', 'Keys come from the configured authority, whatever a token names.', {
    [rangedTokens]: ['a token that says where its key is', 'a token with a chain of its own'],
    [tokens]: ['a key signs for its own issuer alone'],
  }),
  shown('ASVS 9.2.1', 'A token counts in its time and in no other.', {
    [rangedTokens]: ['a token that is over', 'a token that is not yet', 'a token without an end'],
  }),
  shown('ASVS 9.2.2', 'A token of another kind is none.', {
    [rangedTokens]: ['an ID token', 'a token for Graph'],
    [idTokens]: ['not-an-id-token'],
  }),
  shown('ASVS 9.2.3', 'A token for another audience is none.', {
    [rangedTokens]: ['a token for another app', 'a token for ours and for another'],
    [conformance]: ['invalid-aud', 'invalid-secondary-aud', 'missing-aud'],
  }),
  shown('ASVS 9.2.4', 'Tokens of one key for several audiences name the one that they are for.', {
    'src/gate/assertion.test.ts': [
      'an assertion says who asks, to one backend, for a minute, and the published keys verify it',
    ],
  }),
]

const client: readonly ChecklistItem[] = [
  shown('ASVS 10.1.1', 'Tokens go to whom they are for: no browser holds one.', {
    [signIn]: [
      'each cookie says nothing, is the host’s own, and is shorter than 128 octets with all that goes with it',
    ],
    'src/gate/steps/steps.test.ts': ['whoami tells nothing by which anybody could come in'],
    'src/gate/upstreamHeaders.test.ts': [
      'a token goes on where the gate has verified it, and what signs a connection in never',
    ],
  }),
  shown('ASVS 10.1.2', 'State, nonce and verifier are chance, of one transaction, and of one browser.', {
    [signIn]: [wayToEntra],
    'src/store/sessions/sessionStore.test.ts': [
      'a begun sign-in is taken once, by the browser that began it, in its time',
    ],
    [attacks]: ['replay: an answer counts once, in whatever browser it is shown again'],
  }),
  shown('ASVS 10.2.1', 'A forged answer gets no token.', {
    [attacks]: ['login CSRF: nobody is signed in by an answer that another browser got'],
  }),
  shown('ASVS 10.2.2', 'The answer of one authorization server is not taken to another.', {
    [attacks]: ['mix-up among tenants that may all come: the issuer of the answer is that of the token'],
  }),
  shown('ASVS 10.2.3', 'No more scopes are asked for than are used.', {
    [playedModules]: [asksForACode],
  }),
  shown('ASVS 10.3.1', 'An API takes tokens for its own audience.', {
    [rangedTokens]: ['a token for another app'],
  }),
  shown('ASVS 10.3.2', 'Scopes and roles of a token decide.', {
    'src/identity/judgeAccess.test.ts': [
      'every reason of every criterion is met by a row',
      'a route without a way in lets nobody in',
    ],
  }),
  shown('ASVS 10.3.3', 'A person is who cannot become another one: tenant and object id, never an e-mail.', {
    [tokens]: ['whoever a token is for is told by tenant and object, with what the token grants'],
    [rangedTokens]: ['an e-mail of an administrator', 'a foreign tenant with the same e-mail in a token'],
  }),
  shown('ASVS 10.3.4', 'Strength of a sign-in is looked for in the token, and asked for where it lacks.', {
    [challenges]: ['a client that understands claims challenges is told which context is wanted, in both ways'],
    [callers]: ['who declares cp1 is sent Entra’s claims challenge, and others a refusal'],
  }),
  left(
    'open',
    'ASVS 10.3.5',
    'Tokens are bound to who sends them, by TLS or by DPoP.',
    'Entra ID issues such tokens to few clients (level 3). A route can ask for a client certificate beside the token.',
  ),
  ...Array.from({ length: 16 }, (_, at) =>
    left('not-ours', `ASVS 10.4.${at + 1}`, 'Of an authorization server.', noServer),
  ),
  shown('ASVS 10.5.1', 'An ID token counts once, by its nonce.', {
    [conformance]: ['nonce-invalid', 'invalid-missing-nonce'],
  }),
  shown('ASVS 10.5.2', 'A person is known by claims that are given to nobody else.', {
    [idTokens]: ['an ID token tells who signed in, by tenant and object id'],
    [conformance]: ['missing-sub'],
  }),
  shown('ASVS 10.5.3', 'Metadata of another issuer is refused.', {
    [conformance]: ['discovery-issuer-mismatch'],
    [keys]: ['the configuration of another issuer'],
  }),
  shown('ASVS 10.5.4', 'An ID token for another client is refused.', {
    [conformance]: ['invalid-aud', 'missing-aud', 'valid-aud-as-array'],
  }),
  left(
    'not-ours',
    'ASVS 10.5.5',
    'Tokens of a back-channel sign-out are told from all others.',
    'Entra ID has front-channel sign-out; no such token is taken anywhere.',
  ),
  left('not-ours', 'ASVS 10.6.1', 'An OpenID provider answers by code alone.', noServer),
  left('not-ours', 'ASVS 10.6.2', 'An OpenID provider is not made to sign people out by others.', noServer),
  ...[1, 2, 3].map((at) =>
    left(
      'not-ours',
      `ASVS 10.7.${at}`,
      'Consent is asked for, told and taken back.',
      'Entra ID asks for consent and keeps it.',
    ),
  ),
]

export const oauthItems: readonly ChecklistItem[] = [...rfc9700, ...tokensOfAsvs, ...client]
