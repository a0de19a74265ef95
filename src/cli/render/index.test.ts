import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { checkFormats, compareFormats, doctorFormats, explainFormats, listenFormats, planFormats } from './index.ts'

const registries = {
  plan: planFormats,
  check: checkFormats,
  compare: compareFormats,
  explain: explainFormats,
  doctor: doctorFormats,
  listen: listenFormats,
}

for (const [kind, formats] of Object.entries(registries)) {
  for (const [format, { what, load }] of Object.entries(formats)) {
    test(`${kind} as ${format} says whom it is for and loads`, async () => {
      assert.match(what, /^\w.{10,70}[^.]$/)
      assert.equal(typeof (await load()), 'function')
    })
  }
}

test('every file that writes a format is in the registry', () => {
  const index = readFileSync(new URL('index.ts', import.meta.url), 'utf8')
  const files = readdirSync(new URL('.', import.meta.url)).filter((name) =>
    /^(json|(plan|check|compare|explain|doctor|listen)(Text|Csv|Markdown|Html|Json|Mermaid|Junit|Sarif))\.ts$/.test(
      name,
    ),
  )
  assert.ok(files.length >= 15)
  assert.deepEqual(
    files.filter((name) => !index.includes(`import('./${name}')`)),
    [],
  )
})
