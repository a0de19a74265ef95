import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GateScene } from '../../src/lab/gateScene/gateScene.ts'
import type { Table } from '../figure.ts'
import { startGate } from './gateUnderLoad.ts'
import type { Asked } from './h2load.ts'
import { loadFully } from './h2load.ts'

/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile, as far as it is read. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  /** µs since the sample before. */
  readonly timeDeltas: readonly number[]
}

const mostFunctions = 25

/** Where the processor time of the gate goes while it is asked for as much as it can: by part, and by function. */
export async function profileOf(scene: GateScene, h2load: string, asked: Asked, seconds: number): Promise<Table> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-profile-'))
  try {
    const gate = await startGate(scene, ['--cpu-prof', `--cpu-prof-dir=${folder}`])
    await loadFully(h2load, asked, 2 * seconds)
    await gate.close()
    const [file = ''] = await readdir(folder)
    const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile
    return tableOf(profile, seconds)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @param seconds from the end that are looked at: before them code is loaded and compiled */
function tableOf({ nodes, samples, timeDeltas }: CpuProfile, seconds: number): Table {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parts = new Map<string, number>()
  const functions = new Map<string, number>()
  let all = 0
  let left = timeDeltas.reduce((sum, us) => sum + us, 0)
  for (const [at, id] of samples.entries()) {
    left -= timeDeltas[at] ?? 0
    if (left > seconds * 1e6) continue
    const { functionName = '', url = '', lineNumber = 0 } = byId.get(id)?.callFrame ?? {}
    if (functionName === '(idle)' || functionName === '(root)') continue
    const us = timeDeltas[at] ?? 0
    all += us
    add(parts, partOf(functionName, url), us)
    add(functions, `${functionName || '(anonymous)'} ${placeOf(url, lineNumber)}`.trim(), us)
  }
  const shares = (from: ReadonlyMap<string, number>, most: number): readonly string[] =>
    [...from]
      .sort(([, one], [, other]) => other - one)
      .slice(0, most)
      .map(([name, us]) => `${((100 * us) / all).toFixed(1)} % ${name}`)
  return {
    title: 'where the processor time of a session goes',
    columns: ['of', 'share'],
    rows: [
      ['by part', shares(parts, 20).join('; ')],
      ['by function', shares(functions, mostFunctions).join('; ')],
      ['what limits it, and what to do next', 'docs/decisions/0013-speed.md, "The gate"'],
    ],
  }
}

function add(to: Map<string, number>, name: string, us: number): void {
  to.set(name, (to.get(name) ?? 0) + us)
}

/** The room of a file of ours, a package, a part of the platform, or what the engine does by itself. */
function partOf(name: string, url: string): string {
  if (url === '') return name.startsWith('(') ? name : 'native code of the platform'
  const [, module] = /^node:(?:internal\/)?([^/]+)/.exec(url) ?? []
  if (module !== undefined) return `node:${module}`
  const [, packaged] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
  if (packaged !== undefined) return packaged
  const [, room] = /\/src\/((?:[^/]+\/){1,2})[^/]*$/.exec(url) ?? []
  return room === undefined ? url : `src/${room}`
}

function placeOf(url: string, line: number): string {
  const short = url.replace(/^.*\/(?=(src|node_modules)\/)/, '').replace(/^file:.*\//, '')
  return short === '' ? '' : `(${short}:${line + 1})`
}
