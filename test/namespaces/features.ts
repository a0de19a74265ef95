import type { Rig } from './rig.ts'

/**
 * What some kernels cannot do, each with the least that shows it. A row that needs what the kernel lacks is left out by
 * name, on CI too: no package brings it.
 */
export const features = {
  reject: { on: 'nft', text: 'ip protocol tcp reject with tcp reset' },
  'connection count': { on: 'nft', text: 'tcp dport 1 ct count over 3 drop' },
  conntrack: { on: 'nft', text: 'ct state invalid drop' },
  'rules by port': { on: 'ip', text: 'rule add pref 9 ipproto tcp dport 1 lookup main\nrule del pref 9' },
  'string match': {
    on: 'iptables',
    text: '-t filter -A FORWARD -p tcp --dport 1 -m string --algo bm --string x -j REJECT --reject-with tcp-reset',
  },
  'rate limit': { on: 'nft', text: 'tcp dport 1 limit rate over 5/second burst 5 packets drop' },
  'counting by turns': { on: 'nft', text: 'tcp dport 1 numgen inc mod 5 4 drop' },
  delay: { on: 'ip', text: 'tuntap add dev tried mode tun\ntuntap del dev tried mode tun' },
  'token bucket': { on: 'tc', text: 'qdisc replace dev lo root tbf rate 1mbit burst 8kb latency 50ms' },
} as const

export type Feature = keyof typeof features

/** The features of a list that this kernel lacks. */
export async function lackingOf(rig: Rig, wanted: readonly Feature[]): Promise<readonly Feature[]> {
  const lacking: Feature[] = []
  for (const feature of wanted) if (!(await has(rig, feature))) lacking.push(feature)
  return lacking
}

/** How `nft` and `ip` say that the kernel has no such thing; what else goes wrong is a fault of the row. */
const lacks =
  /Could not process rule|No such file|not supported|Unknown device type|qdisc kind is unknown|No chain\/target\/match/

async function has(rig: Rig, feature: Feature): Promise<boolean> {
  const { on, text } = features[feature]
  try {
    if (on === 'ip') await rig.ip('firewall', text)
    else if (on === 'tc') await rig.run('firewall', 'tc', ...text.split(' '))
    else if (on === 'iptables') await rig.run('firewall', 'iptables', ...text.split(' '))
    else
      await rig.nft(
        'firewall',
        `table inet tried {\n chain c {\n type filter hook forward priority 0\n ${text}\n }\n }\n`,
      )
    return true
  } catch (error) {
    if (error instanceof Error && lacks.test(error.message)) return false
    throw error
  } finally {
    if (on === 'iptables') await rig.run('firewall', 'iptables', '-F', 'FORWARD')
    if (on === 'nft') await rig.nft('firewall', 'add table inet tried\ndelete table inet tried\n')
  }
}
