import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { HttpExchange, Unfiled, WebSocketUpgrade } from '../model/observation.ts'
import type { HttpHead } from '../wire/http-head.ts'
import { fieldValue } from '../wire/http-head.ts'
import { readHttpPage } from '../wire/http-page.ts'
import { printableOctets } from '../wire/printable-octets.ts'
import { judgeUpgrade, webSocketAccept, webSocketHeaders, webSocketKey } from '../wire/websocket.ts'
import type { Clock } from './clock.ts'
import { errorCode } from './errno.ts'
import { bodyOf, exchangeOutcome, headOf, octetsOfPart, readAnswer } from './httpAnswer.ts'
import { keptFieldsOf } from './keptFields.ts'
import type { Limits, UpgradeQuestion } from './net.ts'
import { pingOnce } from './pingOnce.ts'

export interface UpgradeTools {
  readonly clock: Clock
  readonly userAgent: string
  /** As many unguessable octets as are asked for. */
  readonly random: (octets: number) => Uint8Array
}

/** Octets of an answer in which the tracking id of Service Bus is looked for: it stands in the status line or a short text. */
const searchedForTrackingId = 8192

/**
 * The opening handshake of a WebSocket (RFC 6455 §4.1) over an open connection, one ping behind it, and a clean close; the
 * connection is closed in any case. Handshake and ping share one time-out. `ms` counts to the end of the HTTP answer.
 *
 * @throws TypeError when the address of the question is no URL
 */
export async function upgrade(
  over: Socket,
  question: UpgradeQuestion,
  limits: Limits,
  { clock, userAgent, random }: UpgradeTools,
): Promise<Unfiled<HttpExchange>> {
  try {
    const url = new URL(question.url)
    const offer = { key: webSocketKey(random(16)), protocols: question.protocols }
    const at = new Date(clock.now()).toISOString()
    const startMs = clock.monotonicMs()
    const fields = { Host: url.host, 'User-Agent': userAgent, ...webSocketHeaders(offer) }
    const request = requestOf(`${url.pathname}${url.search}`, fields)
    const { end, came, ms, firstByteMs } = await readAnswer(over, request, isSwitch, limits, clock)
    const { head, rest } = headOf(came, isSwitch)
    const outcome = exchangeOutcome(end, head)
    const code = typeof end === 'object' ? errorCode(end.error) : undefined
    const page = head === undefined || isSwitch(head) ? new Uint8Array() : bodyOf(head, rest)
    const seen: Unfiled<HttpExchange> = {
      kind: 'http-exchange',
      at,
      ms,
      url: url.href,
      address: question.address,
      method: 'GET',
      outcome,
      ...(head !== undefined && { status: head.status }),
      headers: keptFieldsOf(head?.fields ?? []),
      ...(firstByteMs !== undefined && { firstByteMs }),
      body: readHttpPage(page, head && fieldValue(head, 'content-type')),
      ...(outcome === 'not-http' && { firstOctets: printableOctets(came) }),
      ...octetsOfPart(outcome, came.length),
      ...(code !== undefined && outcome !== 'closed' && { code }),
    }
    if (head === undefined || outcome === 'aborted') return seen
    const judged = judgeUpgrade(answerOf(head), offer, webSocketAccept(offer.key, sha1))
    const { kind } = judged
    const trackingId = kind === 'not-switched' ? trackingIdIn(came) : undefined
    const said: WebSocketUpgrade = {
      offered: question.protocols,
      outcome: kind,
      ...(kind === 'accepted' && judged.protocol !== undefined && { protocol: judged.protocol }),
      ...(kind === 'not-websocket' && { why: judged.why }),
      ...(trackingId !== undefined && { trackingId }),
    }
    if (kind !== 'accepted') return { ...seen, upgrade: said }
    const left = Math.max(1, limits.timeoutMs - (clock.monotonicMs() - startMs))
    const heard = await pingOnce(over, rest, { ...limits, timeoutMs: left }, { clock, random })
    if (heard === 'aborted') return { ...seen, outcome: 'aborted', upgrade: said }
    return { ...seen, upgrade: { ...said, ...heard } }
  } finally {
    over.destroy()
  }
}

function isSwitch({ status }: HttpHead): boolean {
  return status === 101
}

function requestOf(target: string, fields: Readonly<Record<string, string>>): string {
  const lines = [`GET ${target} HTTP/1.1`, ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)]
  return [...lines, '', ''].join('\r\n')
}

/** What the judgement of an opening handshake looks at. */
function answerOf(head: HttpHead): Parameters<typeof judgeUpgrade>[0] {
  const names = ['upgrade', 'connection', 'sec-websocket-accept', 'sec-websocket-extensions', 'sec-websocket-protocol']
  return {
    status: head.status,
    headers: Object.fromEntries(names.map((name) => [name, fieldValue(head, name)])),
  }
}

function sha1(octets: Uint8Array): Uint8Array {
  return createHash('sha1').update(octets).digest()
}

function trackingIdIn(came: Uint8Array): string | undefined {
  const text = Buffer.from(came.subarray(0, searchedForTrackingId)).toString('latin1')
  return /\bTrackingId:[ ]?([\w-]{8,80})/i.exec(text)?.[1]
}
