import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Reader } from '../../src/firewall/reader.ts'
import { accountsForAll } from './accountsForAll.ts'
import { mutatedTexts } from './mutatedTexts.ts'

/** Whichever of these texts is given alone, it is read to its end and accounted for. `numRuns`: how many are tried. */
export function readsAny(read: Reader, texts: fc.Arbitrary<string>, numRuns = 100): void {
  fc.assert(
    fc.property(texts, (text) => accountsForAll(read([{ name: 'any', text }], { places: {} }))),
    { numRuns },
  )
}

/**
 * The same of what the files of a folder become by accident, each alone and under its own name.
 *
 * @param names absent: all of the folder
 * @param numRuns how many texts are tried of each file
 */
export function readsMutated(read: Reader, folder: URL, names = readdirSync(folder), numRuns = 30): void {
  for (const name of names) {
    const texts = mutatedTexts(readFileSync(new URL(name, folder), 'utf8'))
    fc.assert(
      fc.property(texts, (text) => accountsForAll(read([{ name, text }], { places: {} }))),
      { numRuns },
    )
  }
}
