import type { GateScene } from '../lab/gateScene/gateScene.ts'
import { tryBind } from '../net/tryBind.ts'
import { asTyped } from './asTyped.ts'
import type { Serving } from './openServing.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'

/** The gate of the first minute, with everything around it. */
export interface UpGate {
  readonly scene: GateScene
  readonly serving: Serving
  /** What somebody can do with it, in lines. */
  readonly lines: readonly string[]
  close(): Promise<void>
}

/** The port that is documented, and those after it that are tried when it is taken. */
const usualPorts = [8443, 8444, 8445, 8446, 8447, 8448, 8449] as const

/**
 * Opens a sample app behind the gate on `https://localhost:8443`, with the built-in tenant to sign in at.
 *
 * @param port one that was asked for; absent: 8443, or the next that is free
 * @throws UsageError when no port is to be had
 */
export async function openUpGate(port: number | undefined, shell: Shell): Promise<UpGate> {
  const { openGateScene } = await import('../lab/gateScene/gateScene.ts')
  const { openServing } = await import('./openServing.ts')
  const { servedGate } = await import('./servedGate.ts')
  const gatePort = await freePort(port, shell)
  const scene = await openGateScene({ gatePort })
  try {
    const loaded = await siteFrom(scene.siteFile, shell, false)
    const say = (line: string): void => shell.stderr.write(`the gate: ${line}\n`)
    const serving = await openServing(servedGate(loaded), loaded, shell, { say })
    const close = async (): Promise<void> => {
      try {
        await serving.close()
      } finally {
        await scene.close()
      }
    }
    const lines = linesOf(scene, port ?? usualPorts[0], gatePort, shell.program)
    return { scene, serving, lines, close }
  } catch (error) {
    await scene.close()
    throw error
  }
}

async function freePort(asked: number | undefined, { signal }: Shell): Promise<number> {
  const ports: readonly number[] = asked === undefined ? usualPorts : [asked]
  for (const port of ports) {
    signal.throwIfAborted()
    if ((await tryBind(port, { signal, timeoutMs: 2000 })) === 'free') return port
  }
  throw new UsageError(
    asked === undefined
      ? `the gate finds no port from ${usualPorts[0]} to ${usualPorts.at(-1)} free, choose one with --gate-port`
      : `port ${asked} cannot be listened on, choose another with --gate-port or leave it out for a free one`,
  )
}

function linesOf(
  { origin, folder, tenant }: GateScene,
  wanted: number,
  port: number,
  program: string | undefined,
): readonly string[] {
  const instead = port === wanted ? '' : ` (port ${wanted} is taken)`
  return [
    `The gate: ${origin}${instead}, a sample app behind a sign-in. Pick a person, no password is asked for.`,
    `  The certificate is of a CA of this minute: let the browser pass, or trust ${folder}/root.pem.`,
    `  The tenant that signs people in, and imitates Entra ID: ${tenant.origin}`,
    `  With a token: curl --cacert ${folder}/root.pem -H @${folder}/daemon.header ${origin}/api/hello`,
    asTyped(
      `  The site file of the gate: ${folder}/postern.yaml; its record: postern audit-log tail ${folder}/state/record`,
      program,
    ),
  ]
}
