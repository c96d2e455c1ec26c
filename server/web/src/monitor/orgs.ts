import type { FeatureCollection } from '@/api/types'

/** An organisation with a place on the map. */
export interface OrgPlace {
  org: string
  parent: string | null
  level: string
  nameZh: string
  nameEn: string
}

export function placesIn(boundaries: FeatureCollection): OrgPlace[] {
  return boundaries.features.map((feature) => {
    const { org, parent, level, name_zh, name_en } = (
      feature as { properties: Record<string, string | null> }
    ).properties
    return {
      org: org ?? '',
      parent: parent ?? null,
      level: level ?? '',
      nameZh: name_zh ?? org ?? '',
      nameEn: name_en ?? org ?? '',
    }
  })
}

/** The way from the widest organisation down to this one; empty when it is not known. */
export function pathTo(orgs: readonly OrgPlace[], org: string): OrgPlace[] {
  const path: OrgPlace[] = []
  let at = orgs.find((one) => one.org === org)
  while (at !== undefined && !path.includes(at)) {
    path.unshift(at)
    const above: string | null = at.parent
    at = orgs.find((one) => one.org === above)
  }
  return path
}
