/** The domain that the archive holds. */
export const domain = {
  realm: 'CORP.EXAMPLE',
  netbios: 'CORP',
  base: 'DC=corp,DC=example',
  administrator: { name: 'Administrator', password: 'Wide-Open-1' },
} as const

/** TCP ports at which Samba serves what the port tables of hybrid identity ask of a domain controller. */
export const servedPorts = [53, 88, 135, 389, 445, 464, 636, 3268, 3269] as const
