import { ApiError } from '@/api/errors'

const WAIT_MS = 20_000

/** The phone could not say where it is; the message is for the person. */
export class PlaceError extends ApiError {}

/** One position of this phone, asked for by the person's own press of a button. */
export function whereNow(
  complaint: string,
): Promise<{ longitude_deg: number; latitude_deg: number; accuracy_m: number }> {
  return new Promise((resolve, reject) => {
    if (!('geolocation' in navigator)) {
      reject(new PlaceError(complaint))
      return
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        resolve({
          longitude_deg: coords.longitude,
          latitude_deg: coords.latitude,
          accuracy_m: Math.max(1, coords.accuracy),
        })
      },
      () => {
        reject(new PlaceError(complaint))
      },
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 0 },
    )
  })
}
