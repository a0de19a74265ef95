/**
 * Writes a history in a process of its own, for a test that ends it.
 *
 *   node test/historyWriter.ts FOLDER FIRST    batches and incidents for ever, from a number on; the number of each on stdout
 *                                              once it is kept. What was written before is packed and summed up meanwhile
 */
import process from 'node:process'
import type { HistoryStore } from '../src/store/history/index.ts'
import { openHistory } from '../src/store/history/index.ts'
import { historyOptions } from './historyFolder.ts'
import { aFailure, alertOf, incidentOf, minuteMs, morning, readingOf, sampleOf } from './historySamples.ts'

const [folder = '', first = '0'] = process.argv.slice(2)
const settings = { rawDays: 365, failureDays: 365, sketchDays: 365, mostMib: 64 }
const store = opened()
let next = Number(first)

function opened(): HistoryStore {
  const made = openHistory(historyOptions(folder, { groupMs: 2, settings }))
  if ('what' in made) throw new Error(made.what)
  return made
}

async function looks(): Promise<never> {
  for (;;) {
    const number = next++
    const at = morning + number * minuteMs
    const key = `flow-${number % 50}`
    await store.write({
      samples: [sampleOf({ key, at })],
      readings: [readingOf({ subject: key, at, value: number })],
      marks: [{ at, kind: 'site-reloaded', name: String(number) }],
      ...(number % 10 === 0 && { failures: [aFailure(key, at)] }),
    })
    process.stdout.write(`look ${number}\n`)
  }
}

async function incidents(): Promise<never> {
  for (;;) {
    const number = next++
    const incident = incidentOf(String(number), {})
    await store.keepIncidents([incident], [{ outlet: 'mail', alert: alertOf(String(number), incident, 1) }])
    process.stdout.write(`incident ${number}\n`)
  }
}

async function tidy(): Promise<never> {
  for (let hour = 0; ; hour += 1) {
    await store.tidy(morning + hour * 60 * minuteMs, new AbortController().signal)
    await new Promise(setImmediate)
  }
}

await Promise.all([...Array.from({ length: 6 }, looks), incidents(), tidy()])
