/** Dashboard and rules speak of metrics that are there, and every metric that is there is documented. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { GateMetrics } from '../src/gate/gateMetrics.ts'
import { openedApi } from './watch/apiRig.ts'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

/** Names of an OpenMetrics text as queries have them, by the name of their family. */
function namesIn(exposition: string): ReadonlyMap<string, string> {
  const endings: Readonly<Record<string, readonly string[]>> = {
    counter: ['_total'],
    gauge: [''],
    histogram: ['_bucket', '_count', '_sum'],
  }
  return new Map(
    [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type = '']) =>
      (endings[type] ?? []).map((ending): [string, string] => [`${name}${ending}`, name]),
    ),
  )
}

const gate = namesIn(new GateMetrics().text({ connections: 0, exchanges: 0, recordWaiting: 0, servers: [] }))

const dashboard = read('examples/grafana/postern.json')
const rules = read('examples/prometheus/rules.yml')

test('dashboard and rules ask for metrics that the watcher or the gate has, and for nothing else', async (t) => {
  const { ask } = await openedApi(t)
  const watch = namesIn((await ask('/metrics')).text)
  assert.ok(watch.size > 10 && gate.size > 8)
  for (const [file, text] of Object.entries({ dashboard, rules })) {
    const asked = new Set([...text.matchAll(/\bpostern_\w+/g)].map(([name]) => name))
    assert.ok(asked.size > 8, file)
    assert.deepEqual(
      [...asked].filter((name) => !watch.has(name) && !gate.has(name)),
      [],
      file,
    )
  }
})

test('labels that dashboard and rules ask by are those that the metrics have', async (t) => {
  const { ask } = await openedApi(t)
  const { text } = await ask('/metrics')
  const labels = (metric: string): string =>
    [...text.matchAll(new RegExp(`^${metric}\\{(.*)\\} `, 'gm'))].map(([, of]) => of).join('\n')
  for (const [, metric = '', label = '', value = ''] of `${dashboard}${rules}`.matchAll(
    /\b(postern_watch_\w+)\{[^}]*?\b(state|severity)=\\?"([\w-]+)\\?"/g,
  )) {
    assert.ok(labels(metric).includes(`${label}="${value}"`), `${metric} ${label} ${value}`)
  }
})

test('the guide lists every metric of the watcher and of the gate, and no other', async (t) => {
  const { ask } = await openedApi(t)
  const families = new Set([...namesIn((await ask('/metrics')).text).values(), ...gate.values()])
  const listed = [...read('docs/guide/watch.md').matchAll(/^\| `(postern_\w+)`/gm)].map(([, name = '']) => name)
  assert.deepEqual(listed.toSorted(), [...families].toSorted())
})

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly annotations?: { readonly summary: string }
}

test('each rule records or alerts, by a name of its own, and an alert says in words what is so', () => {
  const { groups }: { groups: readonly { readonly rules: readonly Rule[] }[] } = parse(rules)
  const all = groups.flatMap((group) => group.rules)
  const names = all.map(({ record, alert }) => record ?? alert ?? '')
  assert.ok(names.length > 8)
  assert.equal(new Set(names).size, names.length)
  for (const { record, alert, expr, annotations } of all) {
    assert.equal(record === undefined, alert !== undefined, expr)
    if (record !== undefined) assert.match(record, /^postern:[a-z0-9_]+(:[a-z0-9_]+)*$/)
    if (alert !== undefined) assert.match(annotations?.summary ?? '', /\.$/, alert)
  }
})

interface Panel {
  readonly id: number
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets: readonly { readonly expr: string }[]
}

test('panels of the dashboard have ids and places of their own, and ask through the chosen data source', () => {
  const { panels }: { panels: readonly Panel[] } = JSON.parse(dashboard)
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const taken = new Set<string>()
  for (const { title, gridPos, targets } of panels) {
    assert.ok(targets.length > 0 && gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.ok(!taken.has(`${x} ${y}`), `${title} covers another`)
        taken.add(`${x} ${y}`)
      }
    }
  }
})
