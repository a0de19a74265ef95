import { fileReasons } from '../config/certificateFiles.ts'
import { requestReasons } from '../gate/readAsked.ts'
import { entraErrors } from '../gate/signIn/openIdClient.ts'
import { signInReasons } from '../gate/signIn/signInReasons.ts'
import { criteria, tokenReasons } from '../identity/index.ts'
import type { EventKind, GateEvent } from '../model/event.ts'
import { watchFindings } from '../model/incident.ts'
import { backendReasons } from '../net/backends/backendReasons.ts'
import { refusals } from '../net/listened.ts'
import { endings } from '../store/sessions/index.ts'
import { targetReasons } from '../wire/requestTarget.ts'

/** A reason of the record, in words. */
export interface EventReason {
  readonly reason: string
  /** The kinds of events that have it: with another kind the same word may mean something else. */
  readonly kinds: readonly EventKind[]
  /** How an event with it mostly ends. */
  readonly outcome: GateEvent['outcome']
  readonly says: string
  /** The key of the access rule that asks for it. */
  readonly asks?: string
}

type Says = Readonly<Record<string, string>>
type Outcome = GateEvent['outcome']

const entraSays = {
  refused: 'the person may not come any more',
  misconfigured: 'it does not accept the gate as what it says to be',
  unreachable: 'it cannot answer just now',
} as const

/** Each reason of the gate, assembled from the lists of the rooms that give them. */
export const eventReasons: readonly EventReason[] = [
  ...rowsOf({ opened: 'a connection was opened', closed: 'a connection has ended' }, ['network_activity'], 'ok'),
  ...rowsOf(refusals, ['network_activity'], 'denied'),
  ...rowsOf({ passed: 'the gate let it pass, and a server answered' }, ['http_activity'], 'ok'),
  ...rowsOf({ ...requestReasons, ...targetReasons }, ['http_activity'], 'denied'),
  ...Object.entries(criteria).flatMap(([asks, { what, reasons }]) =>
    reasons.flatMap(({ ok, denied, says }): readonly EventReason[] => [
      { reason: denied, kinds: ['authorization'], outcome: 'denied', says, asks: dashed(asks) },
      { reason: ok, kinds: ['authorization'], outcome: 'ok', says: `it held: ${what}`, asks: dashed(asks) },
    ]),
  ),
  ...rowsOf(
    {
      'no-route': 'no route is for this host and path',
      'no-way-in': 'the route has no way in',
      'cross-origin': 'a page of another origin asked for it',
      'other-host': 'a browser would have had to sign in at another host than that of the origin',
      'context-missing': 'the route needs a stronger sign-in',
      'session-unknown': 'the cookie is of no session',
      'session-over': 'the session was as old as one may get',
      'session-idle': 'no request of the session had come for too long',
      revoked: 'the session was ended, or the tokens of the account were revoked: sign in again',
      'revalidation-failed': 'whether the person may still come is not known, or no longer so',
    },
    ['authorization'],
    'denied',
  ),
  ...rowsOf(besides(tokenReasons, ['revoked']), ['authorization'], 'denied'),
  ...rowsOf(besides(tokenReasons, Object.keys(signInReasons)), ['authentication'], 'denied'),
  ...rowsOf(
    {
      'method-not-allowed': 'the routes for this path are for other methods',
      'own-path-unknown': 'the gate has nothing at this path below /.postern/',
      'too-many-of-address': 'the address sent more requests than gate.limits.requests-per-address',
      'too-many-of-identity': 'the person or app sent more requests than gate.limits.requests-per-identity',
      'too-many-open-of-address': 'the address had gate.limits.exchanges-per-address open, none of them signed in',
      'too-many-open-of-identity': 'the person or app had gate.limits.exchanges-per-identity open',
    },
    ['http_activity'],
    'denied',
  ),
  ...rowsOf(
    {
      'no-backend': 'nothing is behind the route',
      bug: 'something went wrong in the gate itself',
      unready: 'it was asked whether it is ready, and was not: its record or all its backends were unwell',
    },
    ['http_activity'],
    'failed',
  ),
  ...Object.entries(backendReasons).map(
    ([reason, [, says]]): EventReason => ({
      ...{ reason, says, outcome: 'failed' },
      kinds: ['http_activity', 'detection_finding'],
    }),
  ),
  ...rowsOf(
    {
      'health-status': 'its answer about its health was none of 200 to 399',
      'health-timeout': 'it did not answer in time whether it is well',
      'certificate-expires': 'a certificate of the gate ends within days, or has ended',
      'record-lost': 'more happened than could be written: so many events are missing',
      'record-tail-missing': 'the record ended before its last signed checkpoint',
      'record-line-torn': 'a sudden end of the gate tore a line, which nobody was answered for (told by postern watch)',
      'record-events-missed': 'so many events were removed from the record before this outlet was given them',
      'record-changed': 'the record is not the one that was read before: what is there is sent again',
      'record-line-unread': 'a line of the record cannot be read, or does not follow from the one before',
      ...Object.fromEntries(watchFindings.map((finding) => [finding, `an incident of the watcher: ${finding}`])),
    },
    ['detection_finding'],
    'failed',
  ),
  ...rowsOf(
    {
      'record-file-begun': 'a file of the record was begun, with a signed line (told by postern watch)',
      'record-signed': 'a signed checkpoint of the record, as detail.line',
      'record-files-removed': 'files of the record were removed by age, or since they were too much',
      'site-reloaded': 'another site file is in use',
      'change-start': 'a change began, as postern watch --change said',
      'change-end': 'a change ended',
    },
    ['config_change'],
    'ok',
  ),
  ...rowsOf(
    { 'site-refused': 'a site file that has changed is refused, and the one before stays' },
    ['config_change'],
    'failed',
  ),
  ...rowsOf({ 'answers-again': 'the server answers again' }, ['detection_finding'], 'ok'),
  ...rowsOf({ 'certificate-taken': 'a certificate that was replaced is in use' }, ['config_change'], 'ok'),
  ...rowsOf(fileReasons, ['config_change'], 'failed'),
  ...rowsOf(
    {
      'signed-in': 'Entra ID says who it is, and a session has begun',
      begun: 'the browser was sent for a stronger sign-in',
      renewed: 'Entra ID says that the person may still come',
      'directory-asked': 'Microsoft Graph told the groups that the token leaves out',
    },
    ['authentication'],
    'ok',
  ),
  ...rowsOf(
    {
      'directory-unreachable': 'Microsoft Graph could not be asked for the groups: what they would grant is denied',
      'no-answer': 'Entra ID did not answer',
      'not-understood': 'the answer of Entra ID is not one that the gate reads',
      'no-id-token': 'Entra ID answered without an ID token',
      'no-credential': 'the gate has nothing to prove itself with',
    },
    ['authentication'],
    'failed',
  ),
  ...rowsOf(
    {
      'no-refresh-token': 'without a refresh token nobody can be asked whether the person may still come',
      'nonce-mismatch': 'the ID token is of another sign-in',
      'not-an-id-token': 'what Entra ID sent is no ID token',
      'other-person': 'Entra ID answered for somebody else',
    },
    ['authentication'],
    'denied',
  ),
  ...Object.entries(entraErrors).map(
    ([reason, kind]): EventReason => ({
      ...{ reason, kinds: ['authentication'], says: `Entra ID says ${reason}: ${entraSays[kind]}` },
      outcome: kind === 'refused' ? 'denied' : 'failed',
    }),
  ),
  ...Object.entries(signInReasons).map(
    ([reason, { outcome, says }]): EventReason => ({ reason, kinds: ['authentication'], outcome, says: bare(says) }),
  ),
  ...rowsOf(endings, ['authentication'], 'ok'),
]

/** What an event's reason means; undefined for one that is of a newer version. */
export function reasonOfEvent({
  kind,
  reason,
  outcome,
}: Pick<GateEvent, 'kind' | 'reason' | 'outcome'>): EventReason | undefined {
  const found = eventReasons.filter((row) => row.reason === reason && row.kinds.includes(kind))
  const [, status] = /^status-(\d{3})$/.exec(reason) ?? []
  if (status !== undefined) {
    return { reason, kinds: ['authentication'], outcome: 'failed', says: `Entra ID answered with ${status}` }
  }
  return found.find((row) => row.outcome === outcome) ?? found[0]
}

function rowsOf(said: Says, kinds: readonly EventKind[], outcome: Outcome): readonly EventReason[] {
  return Object.entries(said).map(([reason, says]) => ({ reason, kinds, outcome, says }))
}

/** The same word is told by another list in other words. */
function besides(said: Says, left: readonly string[]): Says {
  return Object.fromEntries(Object.entries(said).filter(([reason]) => !left.includes(reason)))
}

/** As it stands in the site file. */
function dashed(key: string): string {
  return key.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)
}

/** A sentence of a page, as the words of the record are written. */
function bare(sentence: string): string {
  return sentence.replace(/\.$/, '')
}
