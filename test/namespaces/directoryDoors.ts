import { datagrams } from './directoryPaths.ts'
import { dc } from './places.ts'

/** Tasks of the plain client for a port of the domain controller, and what nft calls packets to it. */
export const knock = (port: number): string => `knock:${dc.address}:${port}`
export const send = (port: keyof typeof datagrams): string => `datagram:${dc.address}:${port}:${datagrams[port]}`
export const toDc = `ip daddr ${dc.address}`
