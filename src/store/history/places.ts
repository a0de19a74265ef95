/** Where a row of one series and time stands: so a time line of one series lies together, in order, whatever came between. */
export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
/** Hours since 1970 that a place has room for: until the year 3883. */
export const mostHours = 2 ** 24
const partsPerHour = 2 ** 8
const placesPerSeries = mostHours * partsPerHour
/** Place is below 2^53, so that a number has it exactly. */
export const mostSeries = 2 ** 21

/** @param slot hours, or days, since 1970 */
export function placeOf(series: number, slot: number, part = 0): number {
  return series * placesPerSeries + Math.min(Math.max(slot, 0), mostHours) * partsPerHour + part
}

/** The hour, or day, of a place. */
export function slotOf(place: number): number {
  return Math.floor((place % placesPerSeries) / partsPerHour)
}

/** Rows of an hour that hold no more than so many looks and readings each; with more than 256 parts they grow. */
export function partsOf(size: number): number {
  return Math.min(partsPerHour, Math.max(1, Math.ceil(size / 4096)))
}
