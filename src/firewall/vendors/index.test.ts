import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { vendorOf } from '../../audit/readDevices.ts'
import { decodeText } from '../../config/decodeText.ts'
import { vendors } from '../../model/vendor.ts'
import { judge } from '../judge.ts'
import type { AskedFlow, Knowledge } from '../judged.ts'
import { parseAskedFlow } from '../parseAskedFlow.ts'
import type { Reader, Reading, VendorRow } from '../reader.ts'
import type { ConfigurationFile } from '../source.ts'
import { mostUnread } from '../text/statements.ts'
import { vendorRows } from './index.ts'

const here = new URL('./', import.meta.url)
const folderOf = ({ vendor }: Pick<VendorRow, 'vendor'>): string =>
  vendor.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
const folders = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/index.ts`, here)))
  .map(({ name }) => name)

test('every vendor that has a reader is in the registry, in the order of the vendors', () => {
  const registered = vendorRows.map(({ vendor }) => vendor)
  assert.deepEqual(registered.map((vendor) => folderOf({ vendor })).toSorted(), folders.toSorted())
  assert.deepEqual(
    registered,
    vendors.filter((vendor) => registered.includes(vendor)),
  )
})

test('every row says what it is, what can be given, and how it is known', () => {
  const titles = new Set(vendorRows.map(({ title }) => title))
  assert.equal(titles.size, vendorRows.length, 'titles differ')
  for (const { vendor, title, forms, signs } of vendorRows) {
    assert.match(title, /^[A-Z]\S/i, vendor)
    assert.ok(forms.length > 0 && new Set(forms).size === forms.length, vendor)
    for (const form of forms) assert.match(form, /^\S.*\S$/, vendor)
    assert.ok(signs.length > 0 && signs.every((list) => list.length > 0), vendor)
    // A pattern with a memory answers differently the second time.
    for (const sign of signs.flat()) assert.doesNotMatch(sign.flags, /[gy]/, `${vendor}: ${sign}`)
  }
})

/** Case files that nobody could tell by themselves, and what is said of them instead. */
const notKnownAlone: Readonly<Record<string, readonly string[]>> = {
  // A page of an answer without a rule in it, and the parameters of a template that lies beside them.
  'azure-nsg': ['query-without-rules.json', 'template.parameters.json'],
  // A backup of the area Aliases has no word of pfSense's.
  pfsense: ['aliases-alone.xml'],
  // Without an access line, or only a list of values, any program could have it.
  squid: ['allowed.txt', 'no-access-line.conf', 'other.conf'],
  // Pods are given beside policies.
  kubernetes: ['pods.yaml'],
  cilium: ['pods.yaml'],
}
/** Case files that are taken for another vendor's unless theirs is said: a whole running configuration is of the firewall. */
const knownAsOther: Readonly<Record<string, string>> = { 'anyconnect/realistic.txt': 'asa' }

interface Case extends ConfigurationFile {
  readonly vendor: VendorRow['vendor']
}

const cases: readonly Case[] = vendorRows.flatMap((row) => {
  const folder = new URL(`${folderOf(row)}/cases/`, here)
  return readdirSync(folder).map((name) => ({
    vendor: row.vendor,
    name,
    text: decodeText(readFileSync(new URL(name, folder))).text,
  }))
})

for (const { vendor } of vendorRows) {
  test(`the cases of ${vendor} are known by their signs, as that vendor and no other`, () => {
    const found = cases.flatMap(({ vendor: of, name, text }) => {
      if (of !== vendor) return []
      const known = vendorOf(text, vendorRows)
      const told = 'row' in known ? known.row.vendor : 'alike' in known && known.alike.length > 0 ? 'several' : 'none'
      return [[name, told] as const]
    })
    const wanted = found.map(([name]) => {
      const isUnknown = notKnownAlone[vendor]?.includes(name) === true
      return [name, isUnknown ? 'none' : (knownAsOther[`${vendor}/${name}`] ?? vendor)]
    })
    assert.ok(found.length > 0)
    assert.deepEqual(found, wanted)
  })
}

interface Loaded {
  readonly row: VendorRow
  readonly read: Reader
}

const readers: readonly Loaded[] = await Promise.all(
  vendorRows.map(async (row) => ({ row, read: (await row.load()).read })),
)
const nothingKnown: Knowledge = { tag: () => undefined, name: () => undefined }

function askedOf(flow: string): AskedFlow {
  const parsed = parseAskedFlow(flow)
  if ('error' in parsed) assert.fail(parsed.error)
  return parsed.ok
}
const asked = askedOf('10.1.0.10 > 20.190.128.1:443/tcp')

/** A text is read; every statement is accounted for, and where nothing was understood nothing is answered flatly. */
function readAnything({ row: { stands }, read }: Loaded, text: string): Reading {
  const reading = read([{ name: 'any', text }], { places: {} })
  const { statements, understood, unread } = reading.coverage
  assert.ok(
    statements === understood + unread.length || (unread.length === mostUnread && statements > understood + mostUnread),
    `${statements} statements, of which ${understood} are understood and ${unread.length} are listed`,
  )
  for (const { span, why } of unread) {
    assert.ok(span.line >= 1 && span.line <= (span.lastLine ?? span.line) && why !== '')
  }
  if (understood > 0) return reading
  for (const ruleSet of reading.ruleSets) {
    // Of a rule that stands in its place some is understood, and what is implied goes on from there.
    if (
      Object.values(ruleSet.chains)
        .flat()
        .some(({ implied }) => implied !== true)
    )
      continue
    for (const passage of stands === 'host'
      ? (['output', 'input'] as const)
      : (['forward', 'output', 'input'] as const)) {
      const { verdict } = judge(ruleSet, asked, passage, nothingKnown)
      assert.match(verdict, /^(may|unknown-ref)$/, `${ruleSet.name}, ${passage}: nothing was understood`)
    }
  }
  return reading
}

const deep = 100_000
const short = 200_000
/** Enough to show what grows with the square. */
const many = 30_000
/** Texts that readers stumble over: by depth, by number, by what is opened and never closed. */
const hostile: Readonly<Record<string, string>> = {
  'objects within each other': `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`,
  'lists within each other': '['.repeat(deep) + ']'.repeat(deep),
  'elements within each other': '<a>'.repeat(deep) + '</a>'.repeat(deep),
  'braces within each other': '{'.repeat(deep) + '}'.repeat(deep),
  'objects that no brace ends': '{"a":'.repeat(deep),
  'comments that nothing ends': '<!--'.repeat(many),
  'blocks that nothing ends': 'config a\nedit b\n'.repeat(many),
  'sections and nothing in them': '[Interface]\n'.repeat(many),
  'a list within each line': '- '.repeat(deep),
  'short lines': 'a\n'.repeat(short),
  'lines of three words': 'set a b\n'.repeat(many),
  'lines without anything': '\n'.repeat(short),
  'lines that go on': '\\\n'.repeat(many),
  'one quote before many lines': `"${'a\n'.repeat(many)}`,
  'one single quote before many lines': `'${'a\n'.repeat(many)}`,
  'a quote a line': '"\n'.repeat(many),
  'a single quote a line': "'\n".repeat(many),
  'octets that are zero': '\0'.repeat(many),
  'lines of an octet that is zero': '\0\n'.repeat(many),
  'a long word': 'a'.repeat(1_000_000),
  'a long blank': ' '.repeat(many),
  'angles without a name': '<'.repeat(many),
  'separators alone': ',;|\t'.repeat(many),
  'aliases that multiply': `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}, *a${at}]`).join('\n')}`,
}

for (const [says, text] of Object.entries(hostile)) {
  test(`any reader comes to an end with ${says}`, () => {
    for (const reader of readers) {
      assert.doesNotThrow(() => {
        const { coverage } = readAnything(reader, text)
        // What has a word in it is never nothing.
        if (/\w/.test(text)) assert.ok(coverage.statements > 0, 'no statement is counted')
      }, reader.row.vendor)
    }
    vendorOf(text, vendorRows)
  })
}

test('any reader reads the configurations of all the others, as a stranger', () => {
  for (const reader of readers) {
    for (const { vendor, name, text } of cases) {
      const told = `${vendor}/${name} as ${reader.row.vendor}`
      try {
        readAnything(reader, text)
      } catch (error) {
        assert.fail(`${told}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
})

test('what a reader gives for UTF-16 with Windows’ line ends and a mark is what it gives for plain text', () => {
  for (const { row, read } of readers) {
    for (const { text, name } of cases.filter(({ vendor }) => vendor === row.vendor)) {
      if (text.includes('\r')) continue
      const told = `${row.vendor}/${name}`
      const windows = text.replaceAll('\n', '\r\n')
      const plain = read([{ name, text }], { places: {} })
      const { coverage } = plain
      for (const given of [decoded(Buffer.from(`\uFEFF${windows}`, 'utf16le')), `\uFEFF${windows}`]) {
        const other = read([{ name, text: given }], { places: {} })
        assert.deepEqual(countsOf(other), countsOf(plain), told)
        assert.deepEqual(
          other.coverage.unread.map(({ span }) => span.line),
          coverage.unread.map(({ span }) => span.line),
          told,
        )
      }
    }
  }
})

function decoded(octets: Uint8Array): string {
  return decodeText(octets).text
}

function countsOf({ ruleSets, coverage: { statements, understood } }: Reading): unknown {
  const sets = ruleSets.map(({ name, stages, chains, routes }) => [
    name,
    stages.length,
    Object.values(chains).map((rules) => rules.length),
    routes?.length,
  ])
  return { statements, understood, sets }
}

for (const reader of readers) {
  const { row } = reader
  const own = cases.filter(({ vendor }) => vendor === row.vendor).map(({ text }) => text)
  test(`any octets, any text and any piece of a configuration into ${row.vendor}`, () => {
    const octets = fc.uint8Array({ maxLength: 400 }).map(decoded)
    const words = fc.array(fc.constantFrom(...wordsOf(own)), { maxLength: 60 }).map((some) => some.join(''))
    const piece = fc
      .tuple(fc.constantFrom(...own), fc.nat(), fc.nat(), fc.string({ unit: 'binary', maxLength: 5 }))
      .map(([text, from, length, between]) => {
        const at = from % text.length
        return text.slice(0, at) + between + text.slice(at + (length % 40))
      })
    fc.assert(
      fc.property(fc.oneof(octets, fc.string({ unit: 'binary', maxLength: 400 }), words, piece), (text) => {
        readAnything(reader, text)
      }),
      { numRuns: 150 },
    )
  })
}

/** Words and what stands between them, as this vendor's own cases have them. */
function wordsOf(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap((text) => text.slice(0, 20_000).match(/[\w.:/-]+|\s+|[^\w\s]/g) ?? []))]
}

test('a word that every object has as a member is a word as any other', () => {
  const words = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
  for (const reader of readers) {
    const { vendor } = reader.row
    for (const { text } of cases.filter((one) => one.vendor === vendor && /realistic/.test(one.name))) {
      const found = new Set(text.match(/\b[A-Za-z][\w-]{2,20}\b/g))
      for (const [at, name] of [...found].entries()) {
        const word = words[at % words.length] ?? ''
        const told = `${vendor}: ${name} as ${word}`
        assert.doesNotThrow(() => readAnything(reader, text.replaceAll(name, word)), told)
      }
    }
  }
})
