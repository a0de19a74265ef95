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
import type { Bench, Figure } from './figure.ts'
import { isMet } from './figure.ts'

interface Result {
  readonly question: string
  readonly at: string
  readonly machine: string
  readonly node: string
  readonly figures: readonly Figure[]
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
  const figures = await bench.run()
  const file = `${folder}results/${name}.json`
  const before = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Result,
    () => undefined,
  )
  for (const each of figures) process.stdout.write(`  ${lineOf(each, before)}\n`)
  if (!accept) continue
  const result: Result = {
    question: bench.question,
    at: new Date().toISOString(),
    machine,
    node: process.version,
    figures,
  }
  await mkdir(`${folder}results`, { recursive: true })
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`)
}

function lineOf(each: Figure, before: Result | undefined): string {
  const { name, unit, median, min, max, runs, goal } = each
  const was = before?.figures.find((other) => other.name === name)?.median
  const aim =
    goal === undefined
      ? ''
      : `; goal ${'most' in goal ? `at most ${goal.most}` : `at least ${goal.least}`}: ${isMet(each) ? 'met' : 'MISSED'}`
  const past = was === undefined ? '' : `; accepted ${was}`
  return `${name.padEnd(52)} ${String(median).padStart(9)} ${unit} (${min} to ${max} in ${runs}${past}${aim})`
}
