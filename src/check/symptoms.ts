import type { HttpExchange, ServiceExchange } from '../model/observation.ts'
import { isTunnel } from '../model/observation.ts'
import type { ControlName } from './controls.ts'
import type { Symptom } from './symptomOf.ts'

/** One symptom and the controls that tell its causes apart: a row of `docs/reference/controls.md`. */
export interface SymptomRow {
  /** What is seen, in a few words. */
  readonly symptom: string
  /** What the controls are to decide. */
  readonly why: string
  readonly when: (seen: Symptom) => boolean
  /** What tells most stands first: the last ones are left out where the connections do not suffice. */
  readonly controls: readonly ControlName[]
}

/** The first row that fits is used. */
export const symptoms: readonly SymptomRow[] = [
  {
    symptom: 'a proxy opens no tunnel',
    why: 'Is it this name, this port, or every wish? And what is there without the proxy?',
    when: ({ tunnel, handshake }) => tunnel !== undefined && handshake === undefined && !isTunnel(tunnel),
    controls: ['again', 'tunnelToOtherPort', 'tunnelToOtherName', 'otherWay'],
  },
  {
    symptom: 'a datagram that nobody answers',
    why: 'Is the service there over TCP, and its host at all?',
    when: ({ datagram }) => datagram !== undefined,
    controls: ['overTcp', 'otherPorts'],
  },
  {
    symptom: 'a name server does not answer, or not as it should',
    why: 'Does it ever, does it over the other transport, and does anybody else?',
    when: ({ served }) => served !== undefined,
    controls: ['serverAgain', 'serverOverOtherTransport', 'controlResolver', 'otherPorts'],
  },
  {
    symptom: 'an endpoint mapper answers, and a port that it names does not',
    why: 'Does it every time?',
    when: ({ named }) => named === true,
    controls: ['again'],
  },
  {
    symptom: 'a question in a service’s own protocol stays without an answer',
    why: 'Does it every time and at every address of the name, is it TLS that is spoken there, does payload pass, and is the host well besides?',
    when: ({ service }) => service !== undefined && isUnanswered(service),
    controls: ['again', 'littleSaid', 'overTls', 'otherAddress', 'otherPorts'],
  },
  {
    symptom: 'a question in a service’s own protocol is answered in another protocol',
    why: 'Is it every time, and at every address of the name?',
    when: ({ service }) => service?.outcome === 'other-protocol',
    controls: ['again', 'otherAddress'],
  },
  {
    symptom: 'a service answers in its own protocol, and it is not the one that belongs there',
    why: 'Is it at every address of the name? It has said who it is: nothing else is asked of it.',
    when: ({ service, handshake }) => service !== undefined && handshake === undefined,
    controls: ['otherAddress'],
  },
  {
    symptom: 'a conversation stood, and broke off without an answer',
    why: 'Does it every time, at every address of the name, and by every way out?',
    when: ({ exchange }) => exchange !== undefined && isBrokenOff(exchange),
    controls: ['again', 'overTls', 'otherAddress', 'littleSaid', 'atControlAddress', 'otherWay'],
  },
  {
    symptom: 'something answers, and is not trusted or talks of something else',
    why: 'Is it the name’s own address, and does it show the same face whatever name it is called by?',
    when: ({ handshake, exchange }) => handshake?.outcome === 'established' || exchange !== undefined,
    controls: ['atControlAddress', 'otherServerName', 'otherWay', 'whereNoResolverIs'],
  },
  {
    symptom: 'the TLS handshake fails',
    why: 'Is it the server, somebody on the way, the name in the ClientHello or its size, and is TLS what is spoken there?',
    when: ({ handshake }) => handshake !== undefined,
    controls: [
      'againUnlessRepeated',
      'overPlainHttp',
      'overPlainLdap',
      'otherAddress',
      'otherWay',
      'otherServerName',
      'littleSaid',
      'atNeutralServer',
      'atControlAddress',
      'whereNoResolverIs',
      'otherHello',
    ],
  },
  {
    symptom: 'a connection stands, and is ended at once before anything is said',
    why: 'Is it every time, and at every address of the name?',
    when: ({ connect }) => connect?.outcome === 'connected',
    controls: ['again', 'otherAddress'],
  },
  {
    symptom: 'no connection comes about',
    why: 'Is it this port, this host, this address, the way to all of them, or the interface that this machine chose?',
    when: ({ connect }) => connect !== undefined,
    controls: ['again', 'otherWay', 'otherPorts', 'otherSources', 'otherHosts', 'otherAddress', 'atControlAddress'],
  },
]

function isUnanswered({ outcome }: ServiceExchange): boolean {
  return outcome === 'timeout' || outcome === 'reset' || outcome === 'closed' || outcome === 'error'
}

function isBrokenOff({ outcome }: HttpExchange): boolean {
  return outcome === 'timeout' || outcome === 'reset' || outcome === 'closed' || outcome === 'error'
}
