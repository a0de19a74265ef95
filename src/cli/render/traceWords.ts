import { hostPort } from '../../model/hostPort.ts'
import type { PathTrace } from '../../model/observation.ts'
import type { PathHop } from '../../model/pathHop.ts'
import type { Step } from './step.ts'

/** A path in words: what was asked, how far packets come, and every hop. */
export function traceStep({ tool, address, sent, port, hops, outcome, reply }: PathTrace): Step {
  return {
    did: `traced the path to ${hostPort(address, port ?? null)} by ${sentWords[sent]} (${tool})`,
    came: cameOf(outcome, hops, reply),
    particulars: [hopsInWords(hops, outcome === 'cut-short')].filter((words) => words !== ''),
  }
}

const sentWords: Readonly<Record<PathTrace['sent'], string>> = {
  'tcp-syn': 'TCP',
  udp: 'UDP',
  'icmp-echo': 'ICMP echo, which asks no port',
}

const replyWords: Readonly<Record<NonNullable<PathTrace['reply']>, string>> = {
  'syn-ack': ' with a SYN-ACK',
  reset: ' with a reset',
}

const saidWords: Readonly<Record<NonNullable<PathHop['says']>, string>> = {
  'net-unreachable': 'network unreachable',
  'host-unreachable': 'host unreachable',
  prohibited: 'prohibited',
  unreachable: 'unreachable',
}

function cameOf(outcome: PathTrace['outcome'], hops: readonly PathHop[], reply: PathTrace['reply']): string {
  const last = hops.findLast((hop) => hop.address !== undefined)
  const heard = last === undefined ? 'no hop answers' : `hop ${last.ttl}, ${last.address}, is the last that answers`
  switch (outcome) {
    case 'reached':
      return `the address itself answers at hop ${last?.ttl}${reply === undefined ? '' : replyWords[reply]}`
    case 'stopped':
      return last?.says === undefined ? heard : `${last.address} says at hop ${last.ttl}: ${saidWords[last.says]}`
    case 'silent':
      return heard
    case 'hop-limit':
      return `${heard}, and more were not asked`
    case 'cut-short':
      return `${heard} until its time was over`
    default:
      return outcome satisfies never
  }
}

/** `1 10.9.1.1 0.4 ms, 2 silent, 3 10.9.3.2 0.5 ms`. */
function hopsInWords(hops: readonly PathHop[], isCut: boolean): string {
  return hops
    .map(({ ttl, address, ms }, at) => {
      if (address !== undefined) return `${ttl} ${address}${ms === undefined ? '' : ` ${ms} ms`}`
      return `${ttl} silent${at === hops.length - 1 && !isCut ? ', and all behind it' : ''}`
    })
    .join(', ')
}
