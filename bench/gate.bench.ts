import { freePorts } from '../test/freePorts.ts'
import type { Bench } from './figure.ts'
import { gateContenders, ours, peerContenders } from './gate/contenders.ts'
import { openLoadScene, startGate } from './gate/gateUnderLoad.ts'
import { heldFigures } from './gate/heldFigures.ts'
import { startBackend, startWebSockets } from './gate/peers.ts'
import { profileOf } from './gate/profile.ts'
import { reloadFigures } from './gate/reloads.ts'
import { speedFigures } from './gate/speed.ts'
import { findPeer } from './peer.ts'

/** `BENCH_ROUNDS=1 BENCH_SECONDS=2` for a first look. */
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5)
const seconds = Math.min(10, Math.max(2, Number(process.env['BENCH_SECONDS'] ?? 5)))
/** Requests a second while certificates are replaced. */
const reloadRate = 200

export const bench: Bench = {
  question:
    'what does a request, a connection, a reload and a revocation cost at the gate, beside other gateways on one core?',
  async run(show) {
    const [h2load, nginx, taskset] = [findPeer('h2load'), findPeer('nginx'), findPeer('taskset')]
    if (h2load === undefined || nginx === undefined || taskset === undefined) return []
    const opened: (() => unknown)[] = []
    try {
      const [gatePort = 0, backendPort = 0, webSocketPort = 0] = await freePorts(3)
      const scene = await openLoadScene(gatePort, { port: backendPort, webSockets: webSocketPort })
      opened.push(() => scene.close())
      const backend = await startBackend(nginx, { port: backendPort, folder: scene.folder })
      opened.push(() => backend.close())
      const webSockets = await startWebSockets(webSocketPort)
      opened.push(() => webSockets.close())

      const gate = await startGate(scene)
      opened.push(() => gate.close())
      const gates = await gateContenders(scene, gate)
      const contenders = [...gates, ...(await peerContenders(scene, backendPort, opened))]
      const direct = { url: `http://localhost:${backendPort}/`, headers: [] }
      const speed = await speedFigures(contenders, direct, { h2load, folder: scene.folder, rounds, seconds })
      await gate.close()

      const [anonymous, session] = [ours.anonymous, ours.session].map((name) => gates.find((one) => one.name === name))
      if (anonymous === undefined || session === undefined) throw new TypeError('the gate is asked in three ways')
      show(await profileOf(scene, h2load, session, seconds))
      return [
        ...speed,
        ...(await reloadFigures(scene, h2load, anonymous, reloadRate)),
        // Last: it ends all sessions.
        ...(await heldFigures(scene, backendPort)),
      ]
    } finally {
      for (const close of opened.reverse()) await close()
    }
  },
}
