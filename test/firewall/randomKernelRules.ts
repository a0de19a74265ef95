import type { KernelRules } from './kernelRules.ts'

/** Choices that a seed makes, the same ones each time. */
interface Chance {
  below(limit: number): number
  of<T>(choices: readonly T[]): T
  is(percent: number): boolean
}

function chanceOf(seed: number): Chance {
  let state = (seed * 2_654_435_761) >>> 0
  const next = (): number => {
    // xorshift32 (G. Marsaglia, 2003): small, and good enough to choose rules by.
    state ^= (state << 13) >>> 0
    state ^= state >>> 17
    state ^= (state << 5) >>> 0
    state >>>= 0
    return state
  }
  for (let warm = 0; warm < 8; warm += 1) next()
  const below = (limit: number): number => next() % limit
  return {
    below,
    of: <T>(choices: readonly T[]): T => choices[below(choices.length)] as T,
    is: (percent) => below(100) < percent,
  }
}

const sources = ['10.81.1.10', '10.81.1.11', '10.81.1.0/24', '10.81.1.10/31', '10.0.0.0/8']
const targets = ['10.81.2.20', '10.81.2.21', '10.81.2.20/31', '10.81.2.0/24', '10.81.2.99', '10.81.1.1']
const sources6 = ['fd81:1::10', 'fd81:1::11', 'fd81:1::/64', 'fd81:1::10/127']
const targets6 = ['fd81:2::20', 'fd81:2::21', 'fd81:2::/64', 'fd81:1::1']
const ports = ['22', '53', '80', '443', '22-80', '81-1000', '443-8080']

/** What a rule is about: nft takes no comparison that contradicts another by its protocol or family. */
interface About {
  readonly family: 4 | 6
  readonly protocol: 'tcp' | 'udp'
}

function nftMatch(chance: Chance, { family, protocol }: About): string {
  const not = chance.is(25) ? '!= ' : ''
  const ip = family === 4 ? 'ip' : 'ip6'
  switch (chance.below(10)) {
    case 0:
      return `${ip} saddr ${not}${chance.of(family === 4 ? sources : sources6)}`
    case 1:
      return `${ip} daddr ${not}${chance.of(family === 4 ? targets : targets6)}`
    case 2:
    case 3:
      return `${protocol} dport ${not}${chance.of(ports)}`
    case 4:
      return `th dport ${not}{ ${chance.of(['22', '53'])}, ${chance.of(['80', '443', '100-500'])} }`
    case 5:
      return `iifname ${not}${chance.of(['"lan"', '"wan"', '"w*"', '{ "lan", "x" }'])}`
    case 6:
      return `meta l4proto ${protocol}`
    case 7:
      return `ct state ${chance.of(['new', 'established', 'established,related', '{ new, invalid }', '! new', '!= established'])}`
    case 8:
      if (family === 6) return `ip6 saddr . ${protocol} dport ${not}{ fd81:1::10 . 22-80, fd81:1::11 . 443 }`
      return `ip saddr . ${protocol} dport ${not}{ 10.81.1.10 . ${chance.of(['22', '80', '22-100'])}, 10.81.1.11 . ${chance.of(['443', '53'])} }`
    default:
      return `meta nfproto ipv${family}`
  }
}

function nftVerdict(chance: Chance, chains: readonly string[]): string {
  const jumps = chains.flatMap((chain) => [`jump ${chain}`, `goto ${chain}`])
  return chance.of(['accept', 'accept', 'accept', 'drop', 'reject', 'return', 'counter', ...jumps])
}

function nftRule(chance: Chance, chains: readonly string[]): string {
  if (chance.is(12)) {
    const verdicts = [0, 1, 2].map(() => nftVerdict(chance, chains).replace(/reject|counter/, 'continue'))
    const rest = chance.is(30) ? `, * : ${chance.of(['accept', 'drop'])}` : ''
    return `${chance.of(['tcp', 'udp'])} dport vmap { 22 : ${verdicts[0]}, 53-80 : ${verdicts[1]}, 443 : ${verdicts[2]}${rest} }`
  }
  const about: About = { family: chance.is(70) ? 4 : 6, protocol: chance.of(['tcp', 'udp']) }
  const matches = Array.from({ length: chance.below(3) }, () => nftMatch(chance, about))
  return [...matches, nftVerdict(chance, chains)].join(' ')
}

function nftChain(chance: Chance, name: string, head: string, chains: readonly string[], most: number): string {
  const rules = Array.from({ length: 1 + chance.below(most) }, () => nftRule(chance, chains))
  return `chain ${name} {\n${head}${rules.join('\n')}\n}\n`
}

/** A rule set of nftables: chains at several hooks, chains of its own, now and then translation. */
export function randomNft(seed: number): string {
  const chance = chanceOf(seed)
  const policy = (): string => chance.of(['accept', 'accept', 'drop'])
  const base = (hook: string, priority: string): string =>
    `type filter hook ${hook} priority ${priority}; policy ${policy()};\n${chance.is(75) ? 'ct state established,related accept\n' : ''}`
  const chains = [
    nftChain(chance, 'c', '', [], 4),
    nftChain(chance, 'b', '', ['c'], 4),
    nftChain(chance, 'a', '', ['b', 'c'], 4),
    nftChain(chance, 'through', base('forward', '0'), ['a', 'b', 'c'], 7),
    ...(chance.is(40) ? [nftChain(chance, 'through2', base('forward', 'filter + 5'), ['a'], 3)] : []),
    ...(chance.is(50) ? [nftChain(chance, 'inward', base('input', '-5'), ['a', 'c'], 4)] : []),
    ...(chance.is(50) ? [nftChain(chance, 'outward', base('output', '0'), ['b'], 4)] : []),
    ...(chance.is(30) ? [nftChain(chance, 'pre', 'type filter hook prerouting priority mangle;\n', ['c'], 2)] : []),
  ]
  const nat = [
    'ip daddr 10.81.2.99 dnat to 10.81.2.21',
    'tcp dport 80 ip daddr 10.81.2.20 dnat to 10.81.2.21:443',
    'ip saddr 10.81.1.11 udp dport 53 dnat to 10.81.2.20:80',
    'tcp dport 22 redirect to :8080',
    'ip saddr 10.81.1.10 accept',
  ]
  const translation = chance.is(50)
    ? `table ip n {\nchain pre {\ntype nat hook prerouting priority dstnat;\n${nat.filter(() => chance.is(50)).join('\n')}\n}\nchain post {\ntype nat hook postrouting priority srcnat;\n${chance.is(60) ? 'ip saddr 10.81.1.11 snat to 10.81.2.1\n' : ''}}\n}\n`
    : ''
  return `table inet t {\n${chains.join('')}}\n${translation}`
}

function iptablesMatch(chance: Chance, family: 4 | 6): string {
  const not = chance.is(25) ? '! ' : ''
  switch (chance.below(9)) {
    case 0:
    case 1:
      return `${not}-s ${chance.of(family === 4 ? sources : sources6)}`
    case 2:
      return `${not}-d ${chance.of(family === 4 ? targets : targets6)}`
    case 3:
      return `-p tcp -m tcp ${not}--dport ${chance.of(ports).replace('-', ':')}`
    case 4:
      return `-p udp -m udp ${not}--dport ${chance.of(ports).replace('-', ':')}`
    case 5:
      return `${not}-p ${chance.of(['tcp', 'udp'])}`
    case 6:
      return `-p tcp -m multiport ${not}--dports ${chance.of(['22,80', '53,100:500', '443'])}`
    case 7:
      return `-m conntrack ${not}--ctstate ${chance.of(['NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED', 'INVALID', 'DNAT'])}`
    default:
      return `-p tcp -m tcp ${not}--tcp-flags FIN,SYN,RST,ACK SYN`
  }
}

function iptablesChain(chance: Chance, family: 4 | 6, name: string, chains: readonly string[], most: number): string {
  return Array.from({ length: 1 + chance.below(most) }, () => {
    const targetsOf = ['ACCEPT', 'ACCEPT', 'ACCEPT', 'DROP', 'REJECT', 'RETURN', 'LOG', ...chains]
    const target = chance.of(targetsOf)
    const jump = chains.includes(target) && chance.is(40) ? '-g' : '-j'
    const match = chance.is(70) ? `${iptablesMatch(chance, family)} ` : ''
    return `-A ${name} ${match}${jump} ${target}\n`
  }).join('')
}

/** Rule sets of iptables and ip6tables. */
export function randomIptables(seed: number): KernelRules {
  const chance = chanceOf(seed + 1000)
  const of = (family: 4 | 6): string => {
    const policy = (): string => chance.of(['ACCEPT', 'ACCEPT', 'DROP'])
    const back = (chain: string): string =>
      chance.is(75) ? `-A ${chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n` : ''
    const filter = [
      `*filter\n:INPUT ${policy()} [0:0]\n:FORWARD ${policy()} [0:0]\n:OUTPUT ACCEPT [0:0]\n:a - [0:0]\n:b - [0:0]\n`,
      back('INPUT'),
      iptablesChain(chance, family, 'INPUT', ['a'], 4),
      back('FORWARD'),
      iptablesChain(chance, family, 'FORWARD', ['a', 'b'], 6),
      iptablesChain(chance, family, 'OUTPUT', [], 2),
      iptablesChain(chance, family, 'a', ['b'], 4),
      iptablesChain(chance, family, 'b', [], 3),
      'COMMIT\n',
    ].join('')
    if (family === 6 || chance.is(50)) return filter
    return `*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.81.2.99/32 -j DNAT --to-destination 10.81.2.20\n-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.81.2.21:443\n-A POSTROUTING -s 10.81.1.10/32 -o wan -j SNAT --to-source 10.81.2.1\nCOMMIT\n${filter}`
  }
  return { says: `seed ${seed}`, rules: of(4), rules6: of(6) }
}
