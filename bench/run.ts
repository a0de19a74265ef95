/**
 * Measures, and shows the figures beside those that were accepted last.
 *
 *   npm run bench                   every bench
 *   npm run bench -- startup        one
 *   npm run bench -- --accept       the new figures become the accepted ones (bench/results)
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, release, type as system, totalmem } from 'node:os'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Bench, Figure, Table } from './figure.ts'
import { isMet } from './figure.ts'

interface Result {
  readonly question: string
  readonly at: string
  readonly machine: string
  readonly node: string
  readonly figures: readonly Figure[]
  readonly tables?: readonly Table[]
}

const folder = fileURLToPath(new URL('.', import.meta.url))
const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const accept = process.argv.includes('--accept')
const all = (await readdir(folder))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
const unknown = asked.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`no bench is called ${unknown.join(', ')}; there are ${all.join(', ')}\n`)
  process.exit(2)
}

const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${system()} ${release()}`
process.stdout.write(`${machine}, Node ${process.version}, ${new Date().toISOString()}\n`)

for (const name of asked.length > 0 ? asked : all) {
  const { bench } = (await import(`./${name}.bench.ts`)) as { bench: Bench }
  process.stdout.write(`\n${name}: ${bench.question}\n`)
  const tables: Table[] = []
  const figures = await bench.run((table) => tables.push(table))
  const file = `${folder}results/${name}.json`
  const before = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Result,
    () => undefined,
  )
  process.stdout.write(tableOf(figures, before))
  for (const table of tables) process.stdout.write(textOf(table))
  if (!accept) continue
  const result: Result = {
    question: bench.question,
    at: new Date().toISOString(),
    machine,
    node: process.version,
    figures,
    ...(tables.length > 0 && { tables }),
  }
  await mkdir(`${folder}results`, { recursive: true })
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`)
}

/** Now and accepted side by side; a result that was accepted elsewhere says where, since it compares machines. */
function tableOf(figures: readonly Figure[], before: Result | undefined): string {
  const rows = figures.map((each) => {
    const { name, unit, median, min, max, runs, goal } = each
    const was = before?.figures.find((other) => other.name === name)
    return [
      name,
      unit,
      String(median),
      `${min} to ${max} in ${runs}`,
      was === undefined ? '' : String(was.median),
      goal === undefined ? '' : 'most' in goal ? `at most ${goal.most}` : `at least ${goal.least}`,
      goal === undefined ? '' : isMet(each) ? 'met' : 'MISSED',
    ]
  })
  const lines = [['', '', 'now', 'range', 'accepted', 'goal', ''], ...rows]
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  const text = lines.map(
    (line) =>
      `  ${line
        .map((cell, column) =>
          column === 2 || column === 4 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd()}\n`,
  )
  const elsewhere = before !== undefined && (before.machine !== machine || before.node !== process.version)
  return `${text.join('')}${elsewhere ? `  accepted on ${before.machine}, Node ${before.node}, ${before.at}\n` : ''}`
}

/** What a bench shows, a paragraph a row: what is known of one thing has no width. */
function textOf({ title, columns, rows }: Table): string {
  const [, ...heads] = columns
  const paragraphs = rows.map(([name = '', ...cells]) =>
    [`  ${name}`, ...cells.map((cell, column) => `    ${heads[column] ?? ''}: ${cell}`)].join('\n'),
  )
  return `\n  ${title}\n${paragraphs.join('\n')}\n`
}
