import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { AddressRange } from '../src/firewall/addresses.ts'
import { judge } from '../src/firewall/judge.ts'
import type { AskedFlow, Judged, JudgedPart, Knowledge, Passage } from '../src/firewall/judged.ts'
import { parseAskedFlow } from '../src/firewall/parseAskedFlow.ts'
import type { Reader, Reading } from '../src/firewall/reader.ts'
import { formatAddress } from '../src/model/cidr.ts'

/** A question to a configuration in a file, and the answer that is right. */
export interface FirewallCase {
  /** What the case shows, as a sentence. */
  readonly says: string
  /** In the folder of the cases; several are the files of one device. */
  readonly file: string | readonly string[]
  /** `SRC[:PORT] > DST:PORT/PROTO`, as `postern audit --flow` reads it. */
  readonly flow: string
  /** The name that is asked for, where `flow` gives addresses as well. */
  readonly name?: string
  /** Absent: `forward`. */
  readonly passage?: Passage
  readonly in?: string
  readonly out?: string
  /** Networks behind places, in CIDR text. */
  readonly places?: Readonly<Record<string, readonly string[]>>
  /** The rule set of files that hold several, by its name; absent: there is one. */
  readonly ruleSet?: string
  readonly expect: 'allow' | 'drop' | 'reject' | 'may' | 'no-path' | 'unknown-ref'
  /** The rule that decides: of an allowance one of `decidedBy`, since every stage has to allow it; else the last. */
  readonly by?: string
  readonly line?: number
  /** Found in a reason of a `may` or `unknown-ref`. */
  readonly dependsOn?: RegExp
  /** Where it goes when it leaves the device: `address`, or `address:port`. */
  readonly becomes?: string
  readonly knowledge?: Knowledge
}

export const nothingKnown: Knowledge = { tag: () => undefined, name: () => undefined }

/**
 * Declares one test for each case: the files are read, every statement is accounted for, and the judge's answer to the
 * flow is the expected one.
 *
 * @param folder where the files are: `new URL('./cases/', import.meta.url)`
 */
export function firewallCases(read: Reader, folder: URL, cases: readonly FirewallCase[]): void {
  for (const row of cases) {
    test(row.says, () => {
      const reading = readCase(read, folder, row)
      const { statements, understood, unread } = reading.coverage
      assert.ok(statements === understood + unread.length || unread.length >= 1000, 'a statement is not accounted for')
      const judged = judgedBy(reading, row)
      const told = describe(judged)
      const wanted = row.expect === 'drop' || row.expect === 'reject' ? 'deny' : row.expect
      assert.equal(judged.verdict, wanted, told)
      if (wanted === 'deny') assert.equal(judged.denial, row.expect, told)
      const parts = judged.parts.filter(({ verdict }) => verdict === row.expect)
      assert.ok(parts.length > 0, told)
      const last = parts.flatMap(({ verdict, decidedBy }) => (verdict === 'allow' ? decidedBy : decidedBy.slice(-1)))
      if (row.by !== undefined)
        assert.ok(
          last.some((step) => step.rule === row.by),
          told,
        )
      if (row.line !== undefined)
        assert.ok(
          last.some((step) => step.span?.line === row.line),
          told,
        )
      const { dependsOn } = row
      if (dependsOn !== undefined) {
        assert.ok(
          parts.some((part) => part.dependsOn.some(({ what }) => dependsOn.test(what))),
          told,
        )
      }
      if (row.becomes !== undefined)
        assert.ok(
          parts.some((part) => arrivesAt(part) === row.becomes),
          told,
        )
    })
  }
}

function readCase(read: Reader, folder: URL, { file, places = {} }: FirewallCase): Reading {
  const names = typeof file === 'string' ? [file] : file
  const files = names.map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))
  const hints = Object.entries(places).map(([name, prefixes]) => [name, prefixes.flatMap(rangesOf)] as const)
  return read(files, { places: Object.fromEntries(hints) })
}

/** Ranges of an address or prefix, by the reader that the command line has. */
function rangesOf(text: string): readonly AddressRange[] {
  return askedOf(`${text} > 192.0.2.1:1`).source
}

function askedOf(flow: string): AskedFlow {
  const parsed = parseAskedFlow(flow)
  if ('error' in parsed) assert.fail(`${flow}: ${parsed.error}; ${parsed.right}`)
  return parsed.ok
}

/** The judge's answer to the flow of a case. */
export function judgeCase(read: Reader, folder: URL, row: FirewallCase): Judged {
  return judgedBy(readCase(read, folder, row), row)
}

function judgedBy(reading: Reading, row: FirewallCase): Judged {
  const { ruleSet: wanted, flow, name, in: into, out, passage = 'forward', knowledge = nothingKnown } = row
  const found = wanted === undefined ? reading.ruleSets : reading.ruleSets.filter((one) => one.name === wanted)
  const names = reading.ruleSets.map((one) => one.name).join(', ')
  assert.equal(found.length, 1, `rule sets: ${names === '' ? 'none' : names}`)
  const [ruleSet] = found
  if (ruleSet === undefined) assert.fail()
  const asked: AskedFlow = {
    ...askedOf(flow),
    ...(name !== undefined && { name }),
    ...(into !== undefined && { in: into }),
    ...(out !== undefined && { out }),
  }
  return judge(ruleSet, asked, passage, knowledge)
}

function arrivesAt({ becomes, destination, ports }: JudgedPart): string {
  const [to] = becomes?.destination ?? destination
  const [port] = becomes?.ports ?? ports
  const address = to === undefined ? '' : formatAddress({ family: to.family, value: to.first })
  return becomes?.ports === undefined || port === undefined ? address : `${address}:${port.first}`
}

/** What came out, for whoever reads that it is not what was expected. */
function describe(judged: Judged): string {
  const big = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value)
  return JSON.stringify(judged, big, 1)
}
