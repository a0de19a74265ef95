import assert from 'node:assert/strict'
import { judge } from '../../src/firewall/judge.ts'
import type { JudgedPart, Passage } from '../../src/firewall/judged.ts'
import { parseAskedFlow } from '../../src/firewall/parseAskedFlow.ts'
import type { Reader } from '../../src/firewall/reader.ts'
import type { RuleSet } from '../../src/firewall/ruleset.ts'
import { formatAddress, parseCidr } from '../../src/model/cidr.ts'
import { nothingKnown } from '../firewallCases.ts'
import type { Attempt, Outcome } from './kernelAgent.ts'
import type { KernelNet } from './kernelNet.ts'
import { kernelAddresses } from './kernelNet.ts'

/** A packet that is sent through a kernel, and asked of a rule set. */
export interface Question {
  readonly passage: Passage
  readonly protocol: 'tcp' | 'udp'
  readonly from: string
  readonly to: string
  readonly port: number
  /** Of the end that asks; none is used twice, since connection tracking remembers. */
  readonly fromPort: number
}

/** How long an answer may take that has to come, in milliseconds. What has to be silent is believed sooner. */
const answersWithinMs = 8000
const silentForMs = 300
/** What is refused may be silence, where the router's own rules keep its refusals back. */
const refusedWithinMs = 1500

const networks = { lan: ['10.81.1.0/24', 'fd81:1::/64'], wan: ['10.81.2.0/24', 'fd81:2::/64'] }

/** What the router knows of its networks. */
export const kernelPlaces = Object.fromEntries(
  Object.entries(networks).map(([name, prefixes]) => [
    name,
    prefixes.map((prefix) => {
      const cidr = parseCidr(prefix)
      assert.ok('ok' in cidr)
      const { family, first, prefixLength } = cidr.ok
      return { family, first, last: first + (1n << BigInt((family === 4 ? 32 : 128) - prefixLength)) - 1n }
    }),
  ]),
)

/** Reads a configuration of the router as a user's would be. */
export function ruleSetOf(read: Reader, files: readonly (readonly [name: string, text: string])[]): RuleSet {
  const reading = read(
    files.map(([name, text]) => ({ name, text })),
    { places: kernelPlaces },
  )
  assert.deepEqual(
    reading.coverage.unread.map(({ span, why }) => `${span.text}: ${why}`),
    [],
  )
  const [ruleSet] = reading.ruleSets
  assert.ok(ruleSet !== undefined && reading.ruleSets.length === 1)
  return ruleSet
}

/** Every flow between the client, the router and the server, by a port and protocol. */
export function questionsAbout(ports: readonly number[], nextPort: () => number): readonly Question[] {
  const { client, server, routerLan, routerWan, ghost } = kernelAddresses
  const family = (address: string): boolean => address.includes(':')
  const pairs: (readonly [Passage, string, string])[] = [
    ...client.flatMap((from) => [...server, ...ghost].map((to) => ['forward', from, to] as const)),
    ...client.flatMap((from) => routerLan.map((to) => ['input', from, to] as const)),
    ...routerWan.flatMap((from) => server.map((to) => ['output', from, to] as const)),
  ]
  return pairs
    .filter(([, from, to]) => family(from) === family(to))
    .flatMap(([passage, from, to]) =>
      ports.flatMap((port) =>
        (['tcp', 'udp'] as const).map((protocol) => ({ passage, protocol, from, fromPort: nextPort(), to, port })),
      ),
    )
}

/** `nobody`: it passes, and goes to an address that no machine has. */
type Expected =
  | { readonly kind: 'answer'; readonly part: JudgedPart }
  | { readonly kind: 'silence' | 'refused' | 'open' | 'nobody' }

const ghosts: readonly string[] = kernelAddresses.ghost

function expectedOf(ruleSet: RuleSet, { passage, protocol, from, fromPort, to, port }: Question): Expected {
  const ended = (address: string): string => (address.includes(':') ? `[${address}]` : address)
  const flow = `${ended(from)}:${fromPort} > ${ended(to)}:${port}/${protocol}`
  const parsed = parseAskedFlow(flow)
  assert.ok('ok' in parsed, flow)
  const { verdict, parts } = judge(ruleSet, parsed.ok, passage, nothingKnown)
  const [part] = parts
  assert.ok(part !== undefined)
  // One packet is one part: where there are several they have to agree to be held against the kernel.
  if (verdict === 'allow') {
    const destination = part.becomes?.destination === undefined ? to : (only(part.becomes.destination) ?? '')
    return ghosts.includes(destination) ? { kind: 'nobody' } : { kind: 'answer', part }
  }
  const isAnswer = part.decidedBy.at(-1)?.answer === true
  // An answer that would be denied has to come from somebody.
  if (isAnswer && ghosts.includes(only(part.becomes?.destination ?? part.destination) ?? '')) return { kind: 'nobody' }
  if (verdict !== 'deny' || new Set(parts.map((one) => one.verdict)).size > 1) return { kind: 'open' }
  // Whoever is refused on the way back is the server; the client hears nothing.
  return { kind: part.verdict === 'reject' && !isAnswer ? 'refused' : 'silence' }
}

function told(question: Question): string {
  return `${question.passage} ${question.protocol} ${question.from} > ${question.to} ${question.port}`
}

/** What a rule set says of questions, in words that can be compared. */
export function answersOf(ruleSet: RuleSet, questions: readonly Question[]): readonly string[] {
  return questions.map((question) => {
    const expected = expectedOf(ruleSet, question)
    return `${told(question)}: ${expected.kind}${expected.kind === 'answer' ? becomes(expected.part) : ''}`
  })
}

function only(ranges: JudgedPart['source'] | undefined): string | undefined {
  const [range] = ranges ?? []
  return range !== undefined && ranges?.length === 1 && range.first === range.last
    ? formatAddress({ family: range.family, value: range.first })
    : undefined
}

function becomes({ becomes: changed }: JudgedPart): string {
  return ` ${only(changed?.source) ?? ''} ${only(changed?.destination) ?? ''} ${changed?.ports?.[0]?.first ?? ''}`
}

/**
 * Sends what is asked through the kernel, and holds what comes of it against the judge.
 *
 * @param isKept the rules may keep back what the router sends to refuse: then silence is as good
 * @returns how many questions the judge left open, which no kernel can settle
 */
export async function holdAgainst(
  net: KernelNet,
  ruleSet: RuleSet,
  questions: readonly Question[],
  isKept = false,
): Promise<number> {
  const asked = questions.map((question) => ({ question, expected: expectedOf(ruleSet, question) }))
  const closed = asked.filter(({ expected }) => expected.kind !== 'open' && expected.kind !== 'nobody')
  for (const from of ['client', 'router'] as const) {
    const own = closed.filter(({ question }) => (question.passage === 'output') === (from === 'router'))
    const outcomes = await net.ask(
      from,
      own.map(({ question, expected }): Attempt => {
        const { protocol, fromPort, to, port } = question
        return {
          protocol,
          from: question.from,
          fromPort,
          to,
          port,
          waitMs:
            expected.kind === 'silence'
              ? silentForMs
              : isKept && expected.kind === 'refused'
                ? refusedWithinMs
                : answersWithinMs,
        }
      }),
    )
    for (const [at, { question, expected }] of own.entries()) agree(ruleSet, question, expected, outcomes[at], isKept)
  }
  return asked.filter(({ expected }) => expected.kind === 'open').length
}

function agree(
  ruleSet: RuleSet,
  question: Question,
  expected: Expected,
  outcome: Outcome | undefined,
  isKept: boolean,
): void {
  const context = (): string => {
    const { decidedBy } = expected.kind === 'answer' ? expected.part : { decidedBy: [] }
    const stages = ruleSet.stages.map(({ name }) => name).join(', ')
    return `${told(question)}: judged ${expected.kind}${expected.kind === 'answer' ? becomes(expected.part) : ''}, the kernel ${JSON.stringify(outcome)} (${JSON.stringify(decidedBy)}; ${stages})`
  }
  // A program on the router is told at once that its packet may not leave, be it dropped or refused.
  if (outcome?.kind === 'forbidden') assert.notEqual(expected.kind, 'answer', context())
  else if (!isKept || expected.kind !== 'refused' || outcome?.kind !== 'silence') {
    assert.equal(outcome?.kind, expected.kind, context())
  }
  // Without its addresses: the handshake was answered, and what came after it was not.
  if (expected.kind !== 'answer' || outcome?.client === undefined) return
  const { becomes: changed } = expected.part
  const source = changed?.source === undefined ? question.from : only(changed.source)
  if (source !== undefined) assert.equal(outcome.client, source, context())
  const destination = changed?.destination === undefined ? question.to : only(changed.destination)
  if (destination !== undefined) assert.equal(outcome.server, destination, context())
  const [port] = changed?.ports ?? [{ first: question.port, last: question.port }]
  if (port !== undefined && port.first === port.last) assert.equal(outcome.port, port.first, context())
}
