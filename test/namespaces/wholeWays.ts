/** What rows of a whole site share: places, plain questions, and statements of the firewall. */
import { client, federation, ports, wap } from './places.ts'
import type { Row } from './row.ts'
import type { WholeFlowId } from './wholeSite.ts'
import { beyond } from './wholeSite.ts'

export type WholeRow = Row<WholeFlowId>

export const certificatePort = 49443
export const certauth = `certauth.${federation}`
export const metadata = '/FederationMetadata/2007-06/FederationMetadata.xml'
export const titleAt = (place: { readonly address: string }): string =>
  `title:${place.address}:${ports.https}:${federation}:${metadata}`
export const wantsAt = (port: number, name: string = federation): string => `wants:${wap.address}:${port}:${name}`
export const ownEntity = `200 http://${federation}/adfs/services/trust`
export const socketAt = (port: number): string => `socket:${beyond.bus.address}:${port}:${beyond.bus.name}`

/** From the federation proxy's own machine, as the site file calls it. */
export const fromProxy = { on: 'wap', host: 'wap1' } as const

/** A statement by which the firewall leads what is for a door to another one. */
export const lead = (of: { readonly address: string }, port: number, to: string): string =>
  `ip daddr ${of.address} tcp dport ${port} dnat ip to ${to}`
export const leadProxy = (port: number, to: number): string => lead(wap, port, `${wap.address}:${to}`)
export const leadHere = (port: number, to: number): string =>
  `ip saddr ${client.address} ip daddr ${beyond.bus.address} tcp dport ${port} redirect to :${to}`
export const leadResponder = (to: number): string =>
  lead(beyond.responder, ports.http, `${beyond.responder.address}:${to}`)
