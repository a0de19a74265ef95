import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** A blackbox_exporter with the modules `https` and `tls`, which prove chain and name as Postern does. */
export interface Blackbox {
  readonly pid: number
  readonly port: number
  close(): Promise<void>
}

const readyMs = 10_000

export async function startBlackbox(program: string, rootPem: string): Promise<Blackbox> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
  const root = join(folder, 'root.pem')
  const config = join(folder, 'blackbox.yml')
  const port = await freePort()
  writeFileSync(root, rootPem)
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({ modules: modulesFor(root) }))
  const exporter = spawn(program, [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
  })
  const close = async (): Promise<void> => {
    await ended(exporter)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await once(exporter, 'spawn')
    await answering(`http://127.0.0.1:${port}/-/healthy`)
    return { pid: exporter.pid ?? 0, port, close }
  } catch (error) {
    await close()
    throw error
  }
}

function modulesFor(root: string) {
  const tls_config = { ca_file: root, server_name: 'host.bench.example', insecure_skip_verify: false }
  const common = { preferred_ip_protocol: 'ip4', tls_config }
  const headers = { Host: 'host.bench.example' }
  return {
    https: {
      prober: 'http',
      timeout: '10s',
      http: { ...common, headers, fail_if_not_ssl: true, follow_redirects: false },
    },
    tls: { prober: 'tcp', timeout: '10s', tcp: { ...common, tls: true } },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function answering(url: string): Promise<void> {
  const until = performance.now() + readyMs
  while (performance.now() < until) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok === true) return
    await setTimeout(50)
  }
  throw new Error(`nothing answers at ${url} after ${readyMs} ms`)
}

async function ended(exporter: ChildProcess): Promise<void> {
  if (exporter.pid === undefined || exporter.exitCode !== null || exporter.signalCode !== null) return
  const exit = once(exporter, 'exit')
  exporter.kill()
  await exit
}
