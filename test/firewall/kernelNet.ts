import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Interface } from 'node:readline'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { endOf, feed, outputOf } from '../ranPrograms.ts'
import type { Attempt, Outcome } from './kernelAgent.ts'

/** The programs that a kernel is driven by. */
export interface KernelTools {
  readonly ip: string
  readonly nft: string
  readonly iptables: string
}

export type KernelHost = 'client' | 'router' | 'server'
const hosts: readonly KernelHost[] = ['client', 'router', 'server']

/** `lan` and `wan` are the router's interfaces; `ghost` lies behind `wan`, and nobody has it. */
export const kernelAddresses = {
  client: ['10.81.1.10', '10.81.1.11', 'fd81:1::10', 'fd81:1::11'],
  server: ['10.81.2.20', '10.81.2.21', 'fd81:2::20', 'fd81:2::21'],
  routerLan: ['10.81.1.1', 'fd81:1::1'],
  routerWan: ['10.81.2.1', 'fd81:2::1'],
  ghost: ['10.81.2.99', 'fd81:2::99'],
} as const

/** Ports on which the router and the server answer, by TCP and by UDP. */
export const kernelPorts: readonly number[] = [22, 53, 80, 443, 8080]

/** Three namespaces in a row; the middle one forwards, and its kernel holds the rules. */
export interface KernelNet {
  /** Loads a script of nft, or says what nft has against it. */
  nft(script: string): Promise<void>
  /** Loads what `iptables-save` or `ip6tables-save` would write. */
  restore(family: 4 | 6, text: string): Promise<void>
  /** What a command of the router writes. */
  run(command: string, ...args: readonly string[]): Promise<string>
  ask(from: 'client' | 'router', attempts: readonly Attempt[]): Promise<readonly Outcome[]>
  close(): Promise<void>
}

const agent = fileURLToPath(new URL('kernelAgent.ts', import.meta.url))

/** Makes the namespaces and starts an agent in each. All of it goes by `close`, and by a signal that can be caught. */
export async function openKernelNet({ ip, nft, iptables }: KernelTools): Promise<KernelNet> {
  const tag = `postern-fw-${process.pid}-${randomBytes(3).toString('hex')}`
  const nameOf = (host: KernelHost): string => `${tag}-${host}`
  const agents = new Map<KernelHost, { child: ChildProcess; lines: Interface }>()
  const tearDown = (): void => {
    for (const { child } of agents.values()) child.kill('SIGKILL')
    for (const host of hosts) {
      try {
        execFileSync(ip, ['netns', 'del', nameOf(host)], { stdio: 'ignore' })
      } catch {
        // Not made yet, or gone already.
      }
    }
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    tearDown()
    process.off(signal, onSignal)
    process.kill(process.pid, signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, onSignal)

  const within = (host: KernelHost, command: string, ...args: readonly string[]): string[] => [
    'netns',
    'exec',
    nameOf(host),
    command,
    ...args,
  ]
  const start = async (host: KernelHost, addresses: readonly string[]): Promise<void> => {
    const child = spawn(ip, within(host, process.execPath, agent, kernelPorts.join(','), addresses.join(',')), {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: child.stdout })
    agents.set(host, { child, lines })
    const [line] = (await Promise.race([once(lines, 'line'), once(child, 'close')])) as [unknown]
    if (line !== 'ready') throw new Error(`the agent on ${host} said ${String(line)}`)
  }
  const net: KernelNet = {
    nft: (script) => feed(ip, within('router', nft, '-f', '-'), script),
    restore: (family, text) =>
      feed(
        ip,
        within('router', `${iptables.replace(/iptables$/, family === 4 ? 'iptables' : 'ip6tables')}-restore`),
        text,
      ),
    run: (command, ...args) => outputOf(ip, within('router', command, ...args)),
    async ask(from, attempts) {
      const one = agents.get(from)
      if (one === undefined || attempts.length === 0) return []
      const answered = once(one.lines, 'line')
      one.child.stdin?.write(`${JSON.stringify(attempts)}\n`)
      const [line] = (await answered) as [string]
      return JSON.parse(line) as readonly Outcome[]
    },
    async close() {
      await Promise.all([...agents.values()].map(({ child }) => endOf(child, 5000)))
      tearDown()
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
  try {
    for (const host of hosts) execFileSync(ip, ['netns', 'add', nameOf(host)])
    const sysctls =
      'cd /proc/sys/net && echo 1 > ipv4/ip_forward && echo 1 > ipv6/conf/all/forwarding && echo 0 > ipv4/icmp_ratelimit && echo 0 > ipv6/icmp/ratelimit; for limit in ipv4/icmp_msgs_per_sec ipv4/icmp_msgs_burst; do test ! -w $limit || echo 100000 > $limit; done'
    await feed(ip, within('router', 'sh'), sysctls)
    await feed(
      ip,
      ['-batch', '-'],
      `link add eth0 address ${cards.client} netns ${nameOf('client')} type veth peer name lan address ${cards.lan} netns ${nameOf('router')}\nlink add wan address ${cards.wan} netns ${nameOf('router')} type veth peer name eth0 address ${cards.server} netns ${nameOf('server')}\n`,
    )
    const { client, server, routerLan, routerWan } = kernelAddresses
    const ofRouter = [
      links('lan', routerLan),
      neighbours('lan', client, cards.client),
      links('wan', routerWan),
      neighbours('wan', server, cards.server),
    ]
    await Promise.all([
      feed(
        ip,
        ['-n', nameOf('client'), '-batch', '-'],
        `${links('eth0', client, routerLan)}${neighbours('eth0', routerLan, cards.lan)}`,
      ),
      feed(
        ip,
        ['-n', nameOf('server'), '-batch', '-'],
        `${links('eth0', server, routerWan)}${neighbours('eth0', routerWan, cards.wan)}`,
      ),
      feed(ip, ['-n', nameOf('router'), '-batch', '-'], ofRouter.join('')),
    ])
    await Promise.all([start('client', []), start('server', server), start('router', [...routerLan, ...routerWan])])
  } catch (error) {
    tearDown()
    throw error
  }
  return net
}

/** Link addresses that nobody else has (the second bit of the first octet: given out locally, IEEE 802). */
const cards = {
  client: '02:00:00:51:01:0a',
  lan: '02:00:00:51:01:01',
  wan: '02:00:00:51:02:01',
  server: '02:00:00:51:02:14',
}

/**
 * Who has which address is said beforehand: rules that drop ICMPv6 on the router drop neighbour discovery too, and
 * whether it was done before them would decide what passes.
 */
function neighbours(device: string, addresses: readonly string[], card: string): string {
  return addresses
    .map((address) => `neighbour replace ${address} lladdr ${card} dev ${device} nud permanent\n`)
    .join('')
}

function links(device: string, addresses: readonly string[], hops: readonly string[] = []): string {
  const lines = ['link set lo up']
  for (const address of addresses) {
    lines.push(`address add ${address}/${address.includes(':') ? '64 nodad' : '24'} dev ${device}`)
  }
  lines.push(`link set ${device} up`)
  for (const hop of hops) lines.push(`route add ${hop.includes(':') ? '::/0' : '0.0.0.0/0'} via ${hop}`)
  return `${lines.join('\n')}\n`
}
