import { geometryOf, shapeOf, type Datum, type FenceDraft, type FenceUse } from '@/fences/draft'

const DATUMS: readonly string[] = ['WGS84', 'GCJ02', 'BD09']
const USES: readonly string[] = ['inclusion', 'exclusion', 'curfew', 'route', 'leave']
/** A file of a county's fences has some hundreds of kilobytes. */
export const FILE_BYTES_MOST = 5_000_000

export type FileFault = 'noGeoJson' | 'noDatum' | 'noFence' | 'tooLarge'

interface Feature {
  id?: unknown
  geometry: { type: string; coordinates?: unknown } | null
  properties: Record<string, unknown> | null
}

/** Drafts of a GeoJSON file; its `datum` member is asked for, because a silent shift is 500 m. */
export function draftsOf(text: string, org: string): FenceDraft[] | FileFault {
  if (text.length > FILE_BYTES_MOST) return 'tooLarge'
  let file: { datum?: unknown; features?: unknown }
  try {
    file = JSON.parse(text) as typeof file
  } catch {
    return 'noGeoJson'
  }
  if (typeof file !== 'object' || !Array.isArray(file.features)) return 'noGeoJson'
  if (!DATUMS.includes(String(file.datum))) return 'noDatum'
  const datum = file.datum as Datum
  const drafts = (file.features as Feature[]).flatMap((feature, at) => {
    const { geometry } = feature
    if (geometry === null) return []
    const properties = feature.properties ?? {}
    const id = feature.id ?? properties.fence ?? properties.id ?? `fence-${String(at)}`
    return [
      {
        fence: String(id),
        isKnown: false,
        org,
        name: typeof properties.name === 'string' ? properties.name : String(id),
        use: (USES.includes(String(properties.use)) ? properties.use : 'exclusion') as FenceUse,
        datum,
        shape: shapeOf({ geometry, properties }),
        subjects: Array.isArray(properties.subjects) ? properties.subjects.map(String) : [],
        schedule: null,
        hours: null,
      },
    ]
  })
  return drafts.length === 0 ? 'noFence' : drafts
}

/** Drafts as a GeoJSON file that says its datum; `guitu fence check` and an import read it. */
export function geoJsonOf(drafts: readonly FenceDraft[]): string {
  const features = drafts.map((draft) => {
    const { geometry, ...sizes } = geometryOf(draft.shape)
    return {
      type: 'Feature',
      id: draft.fence,
      geometry,
      properties: {
        fence: draft.fence,
        name: draft.name,
        use: draft.use,
        subjects: draft.subjects,
        schedule: draft.schedule,
        ...sizes,
      },
    }
  })
  const datum = drafts[0]?.datum ?? 'WGS84'
  return `${JSON.stringify({ type: 'FeatureCollection', datum, features }, null, 1)}\n`
}
