import type { ChecklistItem } from './checklist.ts'
import { left, shown } from './checklistItem.ts'

const store = 'src/store/sessions/sessionStore.test.ts'
const rules = 'src/identity/sessionRules.test.ts'
const signIn = 'src/gate/signIn/signIn.test.ts'
const revalidation = 'src/gate/signIn/revalidation.test.ts'
const endings = 'test/gate/endings.test.ts'
const listener = 'src/net/listenTls.test.ts'
const scans = 'test/gate/tls.test.ts'
const backendTls = 'src/net/backends/tls.test.ts'
const callers = 'test/gate/callers.test.ts'
const record = 'src/store/record/openRecord.test.ts'
const verified = 'src/store/record/verifyRecord.test.ts'
const body = 'src/store/record/eventBody.test.ts'
const steps = 'src/gate/steps/steps.test.ts'

const theApp = 'What an account is and may change is the app’s, or Entra ID’s; the gate changes nothing of it.'

const sessions: readonly ChecklistItem[] = [
  left(
    'operator',
    'ASVS 7.1.1',
    'Times of sessions are written down, with a reason.',
    'The reference has them with unit, range and default: gate.sessions; docs/decisions/0022 has why.',
  ),
  shown('ASVS 7.1.2', 'It is written down how many sessions one may have, and what happens then.', {
    [store]: ['of a person who has too many the one used least recently ends, and a replaced one ends'],
  }),
  left(
    'operator',
    'ASVS 7.1.3',
    'All systems of a federation and how they end sessions are written down.',
    'docs/decisions/0022 has the gate’s part of it.',
  ),
  shown('ASVS 7.2.1', 'Sessions are looked up on the server.', {
    [store]: ['what is no id, and every id but the right one, finds nothing'],
  }),
  shown('ASVS 7.2.2', 'Each session has an id of its own.', {
    [signIn]: ['the id is a new one at each sign-in, and the session that the browser had ends'],
  }),
  shown('ASVS 7.2.3', 'An id has 128 bits of chance or more.', {
    [signIn]: [
      'each cookie says nothing, is the host’s own, and is shorter than 128 octets with all that goes with it',
    ],
  }),
  shown('ASVS 7.2.4', 'A sign-in makes a new id and ends the old one; a step-up does as well.', {
    [signIn]: [
      'the id is a new one at each sign-in, and the session that the browser had ends',
      'step-up asks for the context, looks at the result, and begins a new session',
    ],
  }),
  shown('ASVS 7.3.1', 'Who is idle signs in anew.', {
    [rules]: ['a session without a request is idle, and one that is old is over even if it is used'],
  }),
  shown('ASVS 7.3.2', 'Who has been in for too long signs in anew.', {
    [rules]: [
      'nothing lets in after the hard end, after the idle end, or after revalidation and grace, whatever the times',
    ],
  }),
  shown('ASVS 7.4.1', 'What was signed out of is over, with all that is open.', {
    [signIn]: ['signing out takes a button of the gate’s own, ends the session, and goes on to Entra ID'],
    [endings]: ['what a session opened ends when the person signs out, here or elsewhere'],
  }),
  shown('ASVS 7.4.2', 'Who is disabled or deleted is out.', {
    [revalidation]: ['who was blocked', 'invalid_grant'],
  }),
  shown('ASVS 7.4.3', 'Other sessions can be ended when a factor was changed.', {
    [revalidation]: ['whose sign-ins were revoked'],
  }),
  left(
    'operator',
    'ASVS 7.4.4',
    'Every page has a way to sign out.',
    'The app’s pages are its own. They link to /.postern/sign-out, which asks by a button.',
  ),
  shown('ASVS 7.4.5', 'Administrators end sessions of one person, or of all.', {
    [endings]: ['postern sessions end --person ends all of a person, and --all those of everybody'],
    [store]: ['sessions end by name, by person, by issuer and sid, and all: each is told at once, and only those'],
  }),
  left('not-ours', 'ASVS 7.5.1', 'Who changes what they sign in by signs in anew.', theApp),
  left(
    'open',
    'ASVS 7.5.2',
    'People see their sessions and end them.',
    'Administrators do so by postern sessions; people have Entra ID’s own sign-out everywhere, which counts here at the next re-validation.',
  ),
  shown('ASVS 7.5.3', 'Something of weight asks for a stronger sign-in.', {
    [signIn]: ['step-up asks for the context, looks at the result, and begins a new session'],
    [callers]: ['who declares cp1 is sent Entra’s claims challenge, and others a refusal'],
  }),
  shown('ASVS 7.6.1', 'Sessions here and at Entra ID end together, in the time that is written down.', {
    [revalidation]: ['a session is asked about once for all requests that come while it is due'],
    [signIn]: ['front-channel sign-out ends what came of that sign-in, by issuer and session id together'],
  }),
  shown('ASVS 7.6.2', 'A session comes of something that the person did.', {
    'src/gate/signIn/attacks.test.ts': ['login CSRF: nobody is signed in by an answer that another browser got'],
    [steps]: ['a script without a session'],
  }),
]

const communication: readonly ChecklistItem[] = [
  shown('ASVS 12.1.1', 'TLS 1.2 and 1.3 and nothing else, 1.3 first.', {
    [scans]: [
      'testssl finds nothing above LOW, and no LOW without a reason',
      'sslscan finds TLS 1.2 and 1.3 with forward secrecy and nothing else',
    ],
    [listener]: ['TLS 1.1'],
  }),
  shown('ASVS 12.1.2', 'Suites that are recommended, with forward secrecy.', {
    [scans]: ['sslscan finds TLS 1.2 and 1.3 with forward secrecy and nothing else'],
    [listener]: ['a suite with CBC', 'TLS 1.2 is spoken with the suites that have GCM'],
  }),
  shown('ASVS 12.1.3', 'A client certificate is verified before it counts.', {
    [listener]: ['a client certificate is taken where it is of a CA that is asked for, in its dates, and for clients'],
  }),
  left(
    'open',
    'ASVS 12.1.4',
    'Revocation is told by stapling.',
    'Level 3. Certificates name where they are told to be revoked; answers are not stapled, since public CAs give up OCSP for lists.',
  ),
  left(
    'open',
    'ASVS 12.1.5',
    'The name that a client asks for is encrypted (ECH).',
    'Level 3. OpenSSL of the platform does not have it.',
  ),
  shown('ASVS 12.2.1', 'There is nothing without TLS, and no way back to it.', {
    [callers]: ['who speaks plain HTTP to the port is told to speak TLS, and is in the record'],
    'src/gate/answerHeaders.test.ts': ['where an app says nothing of its security, the safe thing is said'],
  }),
  left(
    'operator',
    'ASVS 12.2.2',
    'Certificates are publicly trusted.',
    'Whoever runs the gate brings them (gate.certificates).',
  ),
  left(
    'operator',
    'ASVS 12.3.1',
    'All connections are encrypted, to backends as well.',
    'Backends are named by https: or http: addresses; whoever names one by http: answers for the network between.',
  ),
  shown('ASVS 12.3.2', 'A server’s certificate is verified before anything is sent.', {
    [backendTls]: ['a server is dialled where `names` has it, and held to its name'],
    'src/net/boundedFetch.test.ts': [
      'a certificate of another name, and one of a CA that nobody trusts, ends the question before it is sent',
    ],
  }),
  shown('ASVS 12.3.3', 'Between services as well, without a way back.', {
    [backendTls]: ['a server that speaks no TLS where it should is 502, and nothing of the request reaches it'],
  }),
  shown('ASVS 12.3.4', 'CAs of the house are trusted where they are named, and no others.', {
    [backendTls]: ['a CA that is no certificate is misuse, told at once'],
    'src/net/boundedFetch.test.ts': [
      'a certificate of another name, and one of a CA that nobody trusts, ends the question before it is sent',
    ],
  }),
  shown('ASVS 12.3.5', 'Services prove to each other who they are.', {
    [backendTls]: ['a server is dialled where `names` has it, and held to its name'],
    'src/gate/assertion.test.ts': [
      'an assertion says who asks, to one backend, for a minute, and the published keys verify it',
    ],
  }),
]

const logging: readonly ChecklistItem[] = [
  left(
    'operator',
    'ASVS 16.1.1',
    'It is written down what is logged where and for how long.',
    'docs/reference/events.md has every event, gate.record where and for how long.',
  ),
  shown('ASVS 16.2.1', 'Each entry says when, where, who and what.', {
    'src/store/record/ocsf.test.ts': ['every event has what its class asks for, whatever it tells'],
  }),
  shown('ASVS 16.2.2', 'Times are of one zone.', {
    [record]: ['an event gets its time, an id that sorts by it, and a chain'],
  }),
  shown('ASVS 16.2.3', 'Entries go where it is written that they go.', {
    [record]: ['only the owner may read the record and its key'],
  }),
  shown('ASVS 16.2.4', 'Entries have a form that others read.', {
    'src/store/record/ocsf.test.ts': ['every kind has a class', 'nothing of an event is lost'],
  }),
  shown('ASVS 16.2.5', 'No secret is in an entry.', {
    [body]: [
      'a query is cut off, with the codes that are in it',
      'what an event has not by its type is not written down',
    ],
  }),
  shown('ASVS 16.3.1', 'Every sign-in is an entry, whether it was let in or not.', {
    [signIn]: ['a sign-in that cannot be written into the record lets nobody in'],
    'test/gate/conformanceRows.ts': ['oidcc-client-test', 'invalid-aud', 'invalid-state'],
  }),
  shown('ASVS 16.3.2', 'Every denial is an entry, and so is what was let pass.', {
    [callers]: ['a program with a token gets through, and without gets the right 401'],
  }),
  shown('ASVS 16.3.3', 'What tries to get around the rules is an entry.', {
    'test/gate/attacks/framing.test.ts': ['requests that can be read in two ways come to nobody'],
    'test/gate/attacks/http2.test.ts': ['floods of frames end their own connection alone, and are told once'],
  }),
  shown('ASVS 16.3.4', 'What fails unexpectedly is an entry, TLS as well.', {
    [listener]: ['who leaves before the handshake is told as such, with or without a word'],
  }),
  shown('ASVS 16.4.1', 'Nothing that comes from outside makes a line of its own.', {
    [body]: ['the text of an event is canonical JSON, bounded, on one line, and begins with its activity'],
  }),
  shown('ASVS 16.4.2', 'The record is its owner’s, and a change of it is seen.', {
    [record]: ['only the owner may read the record and its key'],
    [verified]: ['one octet that is another one is found, with its line'],
  }),
  left(
    'operator',
    'ASVS 16.4.3',
    'Entries go to another machine.',
    'postern audit-log tail --follow and export write them for whatever carries them there; a checkpoint that is kept elsewhere finds who cuts off the end.',
  ),
  shown('ASVS 16.5.1', 'Who is refused is told words of ours, and nothing from inside.', {
    [signIn]: ['a guest is known as one, and somebody who is refused is told why in words of ours'],
    'src/gate/pages.test.ts': ['whatever stands in a page is text'],
  }),
  shown('ASVS 16.5.2', 'While something outside is away the gate goes on, safely.', {
    [revalidation]: [
      'while Entra ID is away it is asked about one session in five seconds, and all of them stay in for the grace',
    ],
    'test/gate/attacks/signIn.test.ts': ['while a sign-in hangs at the tenant, others are served'],
  }),
  shown('ASVS 16.5.3', 'What fails lets nobody in.', {
    [store]: ['a full disk lets nobody in, and who is ended then is out at once'],
    [signIn]: ['a sign-in that cannot be written into the record lets nobody in'],
  }),
  shown('ASVS 16.5.4', 'What nobody thought of is caught, told, and ends one request.', {
    'src/net/backends/hostileBackends.test.ts': [
      'a bug in what makes an answer’s fields is told as one, and is not the server’s fault',
    ],
  }),
]

export const asvsItems: readonly ChecklistItem[] = [...sessions, ...communication, ...logging]
