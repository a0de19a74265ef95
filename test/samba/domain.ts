/** A domain that an archive holds. */
export interface Domain {
  readonly realm: string
  readonly netbios: string
}

/** The domain of the routed network. */
export const domain = {
  realm: 'CORP.EXAMPLE',
  netbios: 'CORP',
  base: 'DC=corp,DC=example',
  administrator: { name: 'Administrator', password: 'Wide-Open-1' },
} as const

/** One of somebody else's, whose controller has the same address, and may be met in the place of ours. */
export const otherDomain = { realm: 'OTHER.EXAMPLE', netbios: 'OTHER' } as const satisfies Domain

/** TCP ports at which Samba serves what the port tables of hybrid identity ask of a domain controller. */
export const servedPorts = [53, 88, 135, 389, 445, 464, 636, 3268, 3269] as const
