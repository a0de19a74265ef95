import { getServers } from 'node:dns'

/** The name servers that this machine is set up with, as `address`, `address:port` or `[address]:port`. */
export function systemNameServers(): readonly string[] {
  return getServers()
}
