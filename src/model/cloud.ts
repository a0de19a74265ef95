/** The Microsoft clouds that a site can live in; names as in the site file. */
export const clouds = ['worldwide', 'usgov-gcchigh', 'usgov-dod', 'china'] as const
export type Cloud = (typeof clouds)[number]
