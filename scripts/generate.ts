/**
 * Writes what is derived from the code: JSON Schemas and reference pages under `docs/reference`.
 *
 *   npm run generate             writes every file anew
 *   npm run generate -- --check  exits 1 with the names of files that are not what the code says
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { generated } from './generated.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const check = process.argv.includes('--check')
const stale: string[] = []

for (const [file, make] of Object.entries(generated)) {
  const path = join(root, file)
  const text = await make()
  const before = await readFile(path, 'utf8').catch(() => undefined)
  if (before === text) continue
  stale.push(file)
  if (check) continue
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

if (check && stale.length > 0) {
  process.stderr.write(`not what the code says: ${stale.join(', ')}\nrun: npm run generate\n`)
  process.exitCode = 1
} else if (!check) {
  process.stdout.write(stale.length === 0 ? 'nothing changed\n' : `wrote ${stale.join(', ')}\n`)
}
