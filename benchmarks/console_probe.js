// What a page of the benchmark notes about itself: frames, the beacon's place as drawn, alerts as shown.
(() => {
  const RADIUS_M = 6378137
  const beacons = __BEACONS__
  const noted = { frames: [], draws: [], alerts: {} }
  window.guituBench = noted
  const north = (lat) => RADIUS_M * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360))
  const east = (lon) => (RADIUS_M * lon * Math.PI) / 180

  let last = null
  const onFrame = (now) => {
    if (last !== null) noted.frames.push(now - last)
    last = now
    requestAnimationFrame(onFrame)
  }
  requestAnimationFrame(onFrame)

  // The picture of all points as it goes to the screen: its pixels say where the beacon stands.
  const put = CanvasRenderingContext2D.prototype.putImageData
  let shown = -1
  CanvasRenderingContext2D.prototype.putImageData = function (image, ...rest) {
    put.call(this, image, ...rest)
    const map = document.querySelector('[data-test=map]')
    const centre = map?.getAttribute('data-centre')?.split(',').map(Number)
    const resolution = Number(map?.getAttribute('data-resolution'))
    if (!centre || !resolution || image.width < 100) return
    const ratio = devicePixelRatio
    const lit = beacons.findIndex(([lon, lat]) => {
      const x = Math.round(image.width / 2 + ((east(lon) - east(centre[0])) / resolution) * ratio)
      const y = Math.round(image.height / 2 - ((north(lat) - north(centre[1])) / resolution) * ratio)
      return image.data[(y * image.width + x) * 4 + 3] > 0
    })
    if (lit !== shown && lit !== -1) {
      shown = lit
      noted.draws.push([lit, Date.now()])
    }
  }

  const look = (node) => {
    for (const row of node.querySelectorAll?.('a[data-test=alert-row]') ?? []) {
      const id = /\/alerts\/(bench-\d+)/.exec(row.getAttribute('href'))?.[1]
      if (id && !(id in noted.alerts)) {
        noted.alerts[id] = 0
        requestAnimationFrame(() => {
          noted.alerts[id] = Date.now()
        })
      }
    }
  }
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) look(node)
  }).observe(document, { childList: true, subtree: true })
})()
