import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { GateScene } from '../../src/lab/gateScene/gateScene.ts'
import { openSessions } from '../../src/store/sessions/index.ts'
import { freePorts } from '../../test/freePorts.ts'
import type { Figure } from '../figure.ts'
import { figure } from '../figure.ts'
import { cookiesAfterSignIn, startGate } from './gateUnderLoad.ts'
import type { HoldOrder } from './hold.ts'
import { hold } from './hold.ts'
import { startNodeProxy } from './peers.ts'
import type { PinnedProgram } from './pinnedProgram.ts'

const idleConnections = 2000
const wantedWebSockets = 10_000
const revokedWebSockets = 100
/** For what handshakes leave behind to be collected. */
const settleMs = 3000
const runs = 3

/** What open connections cost in memory, and how soon they close when their session is ended. */
export async function heldFigures(scene: GateScene, backendPort: number): Promise<readonly Figure[]> {
  const [nodePort = 0] = await freePorts(1)
  const place = { port: nodePort, backendPort, folder: scene.folder }
  return [
    await idleMemory('our gate', orderOf(scene, idleConnections, '/', []), () => startGate(scene), { most: 40 }),
    await idleMemory('Node, TLS proxy', { ...orderOf(scene, idleConnections, '/', []), port: nodePort }, () =>
      startNodeProxy(place),
    ),
    await webSocketMemory(scene),
    await revocation(scene),
  ]
}

function orderOf({ origin, folder }: GateScene, count: number, path: string, headers: readonly string[]): HoldOrder {
  return { port: Number(new URL(origin).port), count, caFile: join(folder, 'root.pem'), path, headers }
}

/** A gateway of its own each time: what it needed for others before does not count. */
async function idleMemory(
  name: string,
  order: HoldOrder,
  start: () => Promise<PinnedProgram>,
  goal?: Figure['goal'],
): Promise<Figure> {
  const each: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const gate = await start()
    try {
      // What the first connections cost is code and pools.
      const first = await hold({ ...order, count: 200 })
      await first.close()
      await setTimeout(settleMs)
      const before = gate.memoryMib()
      const held = await hold(order)
      await setTimeout(settleMs)
      each.push(((gate.memoryMib() - before) * 1024) / idleConnections)
      await held.close()
    } finally {
      await gate.close()
    }
  }
  return figure(`${name}, memory of an idle TLS connection, of ${order.count}`, 'KiB', each, goal)
}

async function webSocketMemory(scene: GateScene): Promise<Figure> {
  const count = Math.min(wantedWebSockets, Math.floor((openFiles() - 600) / 2))
  const gate = await startGate(scene)
  try {
    const headers = webSocketFields(scene.origin, await signedIn(scene))
    const held = await hold(orderOf(scene, count, '/live/idle', headers))
    await setTimeout(settleMs)
    const most = Math.round((600 * count) / wantedWebSockets)
    const told = figure(`our gate with ${count} idle WebSockets, memory`, 'MiB', [gate.memoryMib()], { most })
    await held.close()
    return told
  } finally {
    await gate.close()
  }
}

/** Ends the sessions as `postern sessions end --all` does, from another process than the gate's. */
async function revocation(scene: GateScene): Promise<Figure> {
  const gate = await startGate(scene)
  const took: number[] = []
  try {
    for (let run = 0; run < runs; run += 1) {
      const headers = webSocketFields(scene.origin, await signedIn(scene))
      const held = await hold(orderOf(scene, revokedWebSockets, '/live/idle', headers))
      const opened = openSessions(join(scene.folder, 'state/sessions.sqlite'), { now: () => Date.now() })
      if (!opened.ok) throw new Error(opened.fault.what)
      const start = performance.timeOrigin + performance.now()
      opened.store.end('all', 'revoked')
      opened.store.close()
      took.push((await held.closedAt()) - start)
      await held.close()
    }
  } finally {
    await gate.close()
  }
  return figure(`our gate, from the end of a session to the last of its ${revokedWebSockets} sockets`, 'ms', took, {
    most: 250,
  })
}

function signedIn(scene: GateScene): Promise<string> {
  return cookiesAfterSignIn(scene, scene.origin, '/.postern/sign-in?return=%2Fteam')
}

function webSocketFields(origin: string, cookies: string): readonly string[] {
  const opening = ['connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13']
  return [...opening, 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==', `origin: ${origin}`, `cookie: ${cookies}`]
}

/** What this process and those that it starts may have open. */
function openFiles(): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1])
}
