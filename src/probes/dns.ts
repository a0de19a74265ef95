import type { Observe } from './probe.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const { address, port, transport } = question
  const zone = question.domain ?? question.name
  const asked = {
    name: zone ?? '.',
    type: zone === undefined ? 'NS' : 'SOA',
    resolver: { address, port },
    resolverRole: 'target',
  } as const
  const seen = await net.lookup({ ...asked, transport }, limits)
  keep(seen)
  if (seen.outcome === 'answer' && question.serviceRecords !== undefined) {
    const records = question.serviceRecords.map((name) =>
      net.lookup({ ...asked, name, type: 'SRV', transport }, limits).then((record) => keep(record)),
    )
    await Promise.all(records)
  }
  // What did not fit into a datagram is to be had over TCP (RFC 7766 §5): a server without it answers in part only.
  if (transport === 'udp' && seen.truncated === true) {
    keep(await net.lookup({ ...asked, transport: 'tcp' }, limits), { role: 'control', varies: 'transport' })
  }
}
