import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { makeCertificate } from '../pki.ts'
import { endOf, feed, outputOf } from '../ranPrograms.ts'
import type { Machine } from './places.ts'
import { adfs, app, certificateFiles, client, console, dc, hops, machines, nameServer, portal, wap } from './places.ts'

/** The programs that make the network. */
export interface Tools {
  readonly ip: string
  readonly nft: string
}

/** A small routed network in namespaces of its own, with its servers running. */
export interface Rig {
  /** A folder that goes with the network; the certificates are in it. */
  readonly folder: string
  readonly namespaces: Readonly<Record<Machine, string>>
  /** A command line that runs inside of a machine. */
  within(machine: Machine, command: string, ...args: readonly string[]): readonly [string, ...string[]]
  /** Runs something inside of a machine and gives what it wrote to standard output; fails when it does. */
  run(machine: Machine, command: string, ...args: readonly string[]): Promise<string>
  /** `ip` inside of a machine: one command a line. */
  ip(machine: Machine, ...lines: readonly string[]): Promise<void>
  /** Loads a rule set into a machine. */
  nft(machine: Machine, rules: string): Promise<void>
  /**
   * Starts what ends with its input, and waits until it says `ready` in a line. It ends with the network, or when what
   * this gives is called.
   */
  serve(machine: Machine, command: string, ...args: readonly string[]): Promise<() => Promise<void>>
  close(): Promise<void>
}

const servers = fileURLToPath(new URL('servers.ts', import.meta.url))

/** How long what has lost its input may take to end, in milliseconds, before it is killed. */
const endsWithinMs = 5000

/** How much is kept of what a server says, for whoever reads that it has failed. */
const toldOctets = 8000

/**
 * Makes the network: `client` to `firewall` to `cloud`, and beside it `client` to `bypass` to `cloud`, whose first leg is
 * down. `dc`, `adfs` and `wap` are there, behind the firewall, and serve nothing yet. Whatever ends the process by a signal that can be
 * caught takes the network along; the servers end with the process in any case, since they hang on its pipe.
 */
export async function openRig({ ip, nft }: Tools): Promise<Rig> {
  const tag = `postern-${process.pid}-${randomBytes(3).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), `${tag}-`))
  const namespaces = Object.fromEntries(machines.map((machine) => [machine, `${tag}-${machine}`])) as Record<
    Machine,
    string
  >
  const children: ChildProcess[] = []
  let closing = false
  const tearDown = (): void => {
    closing = true
    for (const child of children) child.kill('SIGKILL')
    for (const namespace of Object.values(namespaces)) {
      try {
        execFileSync(ip, ['netns', 'del', namespace], { stdio: 'ignore' })
      } catch {
        // Not made yet, or gone already.
      }
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    tearDown()
    process.off(signal, onSignal)
    process.kill(process.pid, signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, onSignal)
  const close = async (): Promise<void> => {
    closing = true
    await Promise.all(children.map((child) => endOf(child, endsWithinMs)))
    tearDown()
    for (const signal of signals) process.off(signal, onSignal)
  }

  const within = (machine: Machine, command: string, ...args: readonly string[]): readonly [string, ...string[]] => [
    ip,
    'netns',
    'exec',
    namespaces[machine],
    command,
    ...args,
  ]
  const serve: Rig['serve'] = async (machine, command, ...args) => {
    const [program, ...words] = within(machine, command, ...args)
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] })
    children.push(child)
    let told = ''
    child.stderr.on('data', (part: Buffer) => {
      told = (told + part.toString()).slice(-toldOctets)
    })
    // A process that ends early says why on its standard error.
    child.stdin.on('error', () => {})
    const said = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line)),
      once(child, 'close').then(([code]) => `ended with ${code}`),
    ])
    if (said !== 'ready') throw new Error(`what serves on ${machine}: ${said}\n${told}`)
    let stopped = false
    child.once('close', (code) => {
      if (!closing && !stopped) process.stderr.write(`what serves on ${machine} ended with ${code}\n${told}`)
    })
    return async () => {
      stopped = true
      await endOf(child, endsWithinMs)
    }
  }
  const fed = (args: readonly string[], text: string): Promise<void> => feed(ip, args, text)
  try {
    const certificates = makeCertificates(folder)
    for (const namespace of Object.values(namespaces)) execFileSync(ip, ['netns', 'add', namespace])
    await fed(['-batch', '-'], links(namespaces))
    await Promise.all([
      ...machines.map((machine) => fed(['-n', namespaces[machine], '-batch', '-'], addresses[machine])),
      ...(['firewall', 'bypass'] as const).map((router) =>
        // Every packet that goes no further is told of, where Linux would tell of one a second.
        fed(
          ['netns', 'exec', namespaces[router], 'sh'],
          'cd /proc/sys/net/ipv4 && echo 1 > ip_forward && echo 0 > icmp_ratelimit',
        ),
      ),
    ])
    await certificates
    await serve('cloud', process.execPath, servers, folder)
  } catch (error) {
    await close()
    throw error
  }

  return {
    folder,
    namespaces,
    within,
    run: (machine, command, ...args) => outputOf(ip, ['netns', 'exec', namespaces[machine], command, ...args]),
    ip: (machine, ...lines) => fed(['-n', namespaces[machine], '-batch', '-'], lines.join('\n')),
    nft: (machine, rules) => fed(['netns', 'exec', namespaces[machine], nft, '-f', '-'], rules),
    serve,
    close,
  }
}

const links = (of: Readonly<Record<Machine, string>>): string => `\
link add ${client.device} netns ${of.client} type veth peer name in netns ${of.firewall}
link add ${client.secondDevice} netns ${of.client} type veth peer name in netns ${of.bypass}
link add out netns ${of.firewall} type veth peer name byfirewall netns ${of.cloud}
link add out netns ${of.bypass} type veth peer name bybypass netns ${of.cloud}
link add inside netns ${of.firewall} type veth peer name eth0 netns ${of.dc}
link add farm netns ${of.firewall} type veth peer name eth0 netns ${of.adfs}
link add dmz netns ${of.firewall} type veth peer name eth0 netns ${of.wap}
`

/** A server with one link, which leads to the firewall. */
function behind(address: string, hop: string): string {
  return `\
link set lo up
address add ${address}/24 dev eth0
link set eth0 up
route add default via ${hop}
`
}

const addresses: Readonly<Record<Machine, string>> = {
  client: `\
link set lo up
address add ${client.address}/24 dev ${client.device}
address add ${client.second}/24 dev ${client.secondDevice}
link set ${client.device} up
route add default via ${hops.firewall}
`,
  firewall: `\
link set lo up
address add ${hops.firewall}/24 dev in
address add ${hops.backByFirewall}/24 dev out
address add ${hops.backFromDc}/24 dev inside
link set in up
link set out up
address add ${hops.backFromAdfs}/24 dev farm
address add ${hops.backFromWap}/24 dev dmz
link set inside up
link set farm up
link set dmz up
route add 10.77.50.0/24 via ${hops.cloudByFirewall}
`,
  bypass: `\
link set lo up
address add ${hops.bypass}/24 dev in
address add ${hops.backByBypass}/24 dev out
link set in up
link set out up
route add 10.77.50.0/24 via ${hops.cloudByBypass}
`,
  cloud: `\
link set lo up
address add ${hops.cloudByFirewall}/24 dev byfirewall
address add ${hops.cloudByBypass}/24 dev bybypass
address add ${app.address}/32 dev lo
address add ${portal.address}/32 dev lo
address add ${nameServer.address}/32 dev lo
address add ${console.address}/32 dev lo
link set byfirewall up
link set bybypass up
route add 10.77.1.0/24 via ${hops.backByFirewall}
route add 10.77.7.0/24 via ${hops.backByFirewall}
route add 10.77.2.0/24 via ${hops.backByBypass}
`,
  dc: `\
link set lo up
address add ${dc.address}/24 dev eth0
link set eth0 up
route add default via ${hops.backFromDc}
`,
  adfs: behind(adfs.address, hops.backFromAdfs),
  wap: behind(wap.address, hops.backFromWap),
}

/** A root, and leaves that are sent with an issuing CA, so that what a server presents does not fit one packet. */
async function makeCertificates(folder: string): Promise<void> {
  const root = await makeCertificate({ subject: 'O=Test,CN=Corp Root CA', ca: true })
  const issuing = await makeCertificate({ subject: 'O=Test,CN=Corp Issuing CA', issuer: root, ca: true })
  await writeFile(join(folder, certificateFiles.ca), root.pem)
  for (const [file, name] of [
    [certificateFiles.app, app.name],
    [certificateFiles.portal, portal.name],
    [certificateFiles.dc, dc.name],
  ] as const) {
    const leaf = await makeCertificate({
      subject: `CN=${name}`,
      issuer: issuing,
      names: [{ type: 'dns', value: name }],
      // Clients of a domain controller ask for the purpose.
      ...(file === certificateFiles.dc && { servesTls: true }),
    })
    await writeFile(join(folder, `${file}.pem`), leaf.pem + issuing.pem + root.pem)
    await writeFile(join(folder, `${file}.key`), leaf.keyPem)
  }
  // As a device makes one for itself.
  const own = await makeCertificate({ subject: `O=Fortinet,OU=Firewall,CN=${console.name}` })
  await writeFile(join(folder, `${certificateFiles.console}.pem`), own.pem)
  await writeFile(join(folder, `${certificateFiles.console}.key`), own.keyPem)
}
