import type { AddressRange } from '../src/firewall/addresses.ts'
import { addressesOf } from '../src/firewall/addresses.ts'
import { anomaliesOf } from '../src/firewall/anomalies.ts'
import { compiledRuleSet } from '../src/firewall/compiledRuleSet.ts'
import { judge, noKnowledge } from '../src/firewall/judge.ts'
import type { AskedFlow, Judged } from '../src/firewall/judged.ts'
import { judgePath } from '../src/firewall/judgePath.ts'
import type { Match, Rule, RuleSet } from '../src/firewall/ruleset.ts'
import type { Bench, Figure } from './figure.ts'
import { figure } from './figure.ts'

const runs = 9

export const bench: Bench = {
  question:
    'how long does one flow through 1,000 rules take, and 100 flows through 100,000; what memory do 100,000 rules need; how long is a path of ten devices; and how long does it take to find what is shadowed and superfluous in 10,000 and 30,000 rules?',
  run: async () => [...oneFlow(), ...manyFlows(), ...wholePath(), ...anomalies()],
}

function oneFlow(): readonly Figure[] {
  const first: number[] = []
  for (let run = 0; run <= runs; run += 1) {
    const fresh = randomRuleSet(1000, 7 + run)
    const ms = timed(() => randomFlows(1, 11 + run).map((flow) => judge(fresh, flow, 'forward', noKnowledge)))
    if (run > 0) first.push(ms)
  }
  const ruleSet = randomRuleSet(1000, 7)
  const flows = randomFlows(1000, 13)
  const each: number[] = []
  for (let run = 0; run <= runs; run += 1) {
    const ms = timed(() => judgeAll(ruleSet, flows)) / flows.length
    if (run > 0) each.push(ms)
  }
  return [
    figure('one flow through 1,000 rules', 'ms', each, { most: 1 }),
    figure('the first flow through 1,000 rules, which compiles them', 'ms', first),
  ]
}

function manyFlows(): readonly Figure[] {
  const grown: number[] = []
  const figures = ([4, 6] as const).flatMap((family) => {
    const flows = randomFlows(100, 17, family)
    const first: number[] = []
    const again: number[] = []
    for (let run = 0; run <= 4; run += 1) {
      const before = process.memoryUsage().rss
      const ruleSet = randomRuleSet(100_000, 19 + run, { family })
      const cold = timed(() => judgeAll(ruleSet, flows))
      const warm = timed(() => judgeAll(ruleSet, flows))
      // Only in the first round nothing is left of the round before.
      if (run === 0) grown.push((process.memoryUsage().rss - before) / 2 ** 20)
      else {
        first.push(cold)
        again.push(warm)
      }
    }
    const title = `100 flows through 100,000 rules of IPv${family}`
    // The bounds of IPv6 are put in order once, 128 bits each: nobody has so many rules of it, and no goal was set.
    const goal = family === 4 ? { most: 500 } : undefined
    return [
      figure(`${title}, compiled for them`, 'ms', first, goal),
      figure(`${title}, asked again`, 'ms', again, { most: 500 }),
    ]
  })
  const title = '100,000 rules and what judging needs, growth of the process'
  return [...figures, figure(title, 'MiB', grown.slice(0, 1), { most: 300 })]
}

function wholePath(): readonly Figure[] {
  const devices = Array.from({ length: 10 }, (_, at) => ({
    label: `fw${at}`,
    ruleSets: [randomRuleSet(1000, 23 + at, { otherwise: 'allow' })],
    passage: 'forward' as const,
  }))
  const flows = randomFlows(60, 29)
  const took: number[] = []
  for (let run = 0; run <= runs; run += 1) {
    const ms = timed(() => flows.map((flow) => judgePath(devices, flow, noKnowledge)))
    if (run > 0) took.push(ms)
  }
  return [figure('60 flows through 10 devices of 1,000 rules', 'ms', took, { most: 1000 })]
}

function anomalies(): readonly Figure[] {
  const goals = [
    { count: 10_000, most: 1000, times: 5 },
    { count: 30_000, most: 10_000, times: 3 },
  ]
  return goals.map(({ count, most, times }) => {
    const took: number[] = []
    for (let run = 0; run <= times; run += 1) {
      // Made anew, so that compiling is in the figure.
      const ruleSet = randomRuleSet(count, 37 + run)
      const ms = timed(() => anomaliesOf(compiledRuleSet(ruleSet, noKnowledge)))
      if (run > 0) took.push(ms)
    }
    return figure(`all anomalies of ${count.toLocaleString('en')} rules`, 'ms', took, { most })
  })
}

/** @throws Error when nothing is ever allowed or nothing ever denied: rules that decide nothing are no figure */
function judgeAll(ruleSet: RuleSet, flows: readonly AskedFlow[]): readonly Judged[] {
  const judged = flows.map((flow) => judge(ruleSet, flow, 'forward', noKnowledge))
  if (judged.every(({ verdict }) => verdict === judged[0]?.verdict))
    throw new Error(`all flows are ${judged[0]?.verdict}`)
  return judged
}

function timed(work: () => unknown): number {
  const start = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - start) / 1e6
}

/** Numbers from 0 to below 1 by a seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const documentation6 = 0x2001_0db8n << 96n
const usualPorts = [22, 25, 53, 80, 88, 123, 135, 389, 443, 445, 464, 636, 1433, 3268, 3389, 5671, 8080, 8443, 9389]

interface RuleSetOptions {
  /** Default: drop. */
  readonly otherwise?: 'allow' | 'drop'
  /** Default: 4. */
  readonly family?: 4 | 6
}

/**
 * Rules as they stand in the lists of sites that grew: most speak of some servers and networks of a few dozen /16, one
 * in fifty is wide, ports are the usual ones, and what is left is dropped. The same seed makes the same rules.
 */
export function randomRuleSet(
  count: number,
  seed: number,
  { otherwise = 'drop', family = 4 }: RuleSetOptions = {},
): RuleSet {
  const next = numbersFrom(seed)
  const rules = Array.from({ length: count }, (_, at): Rule => {
    const isWide = next() < 0.02
    const match: Match = {
      protocols: [next() < 0.85 ? { first: 6, last: 6 } : { first: 17, last: 17 }],
      source: addressesOf(randomRanges(next, isWide ? 1 : 1 + Math.floor(next() * 3), isWide, family)),
      destination: addressesOf(randomRanges(next, isWide ? 1 : 1 + Math.floor(next() * 3), isWide, family)),
      destinationPorts: [randomPorts(next)],
    }
    const kind = next() < 0.8 ? 'allow' : 'drop'
    return {
      name: `rule ${at + 1}`,
      span: { file: 'random.cfg', line: at + 1, text: `rule ${at + 1}` },
      match,
      action: { kind },
      unknowns: [],
    }
  })
  return {
    vendor: 'nftables',
    name: `random ${seed}`,
    stages: [
      {
        name: 'filter forward',
        hook: 'forward',
        kind: 'filter',
        chain: 'forward',
        otherwise: { action: otherwise, name: 'policy' },
        stateful: true,
        addresses: 'current',
      },
    ],
    chains: { forward: rules },
    places: [],
    doubts: [],
  }
}

/** Of IPv6 the same numbers, each the high half of the second 64 bits of 2001:db8::/32. */
function randomRanges(next: () => number, count: number, isWide: boolean, family: 4 | 6): readonly AddressRange[] {
  return Array.from({ length: count }, () => {
    const length = isWide ? 8 + Math.floor(next() * 8) : next() < 0.6 ? 32 : 20 + Math.floor(next() * 12)
    const size = 2 ** (32 - length)
    const address = 0x0a000000 + Math.floor(next() * 64) * 65536 + Math.floor(next() * 65536)
    const first = Math.floor(address / size) * size
    const low = BigInt(first)
    const high = BigInt(first + size)
    if (family === 4) return { family, first: low, last: high - 1n }
    return { family, first: documentation6 + (low << 32n), last: documentation6 + (high << 32n) - 1n }
  })
}

function randomPorts(next: () => number): { readonly first: number; readonly last: number } {
  if (next() < 0.1) return { first: 49152, last: 65535 }
  const port = usualPorts[Math.floor(next() * usualPorts.length)] ?? 443
  return { first: port, last: port }
}

function randomFlows(count: number, seed: number, family: 4 | 6 = 4): readonly AskedFlow[] {
  const next = numbersFrom(seed)
  return Array.from({ length: count }, (): AskedFlow => {
    const port = usualPorts[Math.floor(next() * usualPorts.length)] ?? 443
    return {
      source: randomRanges(next, 1, false, family),
      destination: randomRanges(next, 1 + Math.floor(next() * 8), false, family),
      transport: 'tcp',
      ports: [{ first: port, last: port }],
      request: 'connect',
    }
  })
}
