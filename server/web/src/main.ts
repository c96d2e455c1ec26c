// Components are imported one by one where they are used; so are their styles here.
import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/el-button.css'
import 'element-plus/theme-chalk/el-input.css'
import 'element-plus/theme-chalk/el-radio.css'
import 'element-plus/theme-chalk/el-radio-button.css'
import 'element-plus/theme-chalk/el-radio-group.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import '@/styles/tokens.css'
import '@/styles/element.css'
import '@/styles/elements.css'
import '@/styles/print.css'

import { createApp } from 'vue'

import App from '@/App.vue'
import { whenSignedOut } from '@/api/client'
import { i18n, locale } from '@/i18n'
import { router } from '@/router'
import { forgetSession } from '@/session/session'

document.documentElement.lang = locale.value

whenSignedOut(() => {
  forgetSession()
  const route = router.currentRoute.value
  // Several calls may learn of it at once; the first one leads away.
  if (route.meta.isPublic !== true) {
    void router.replace({ name: 'sign-in', query: { next: route.fullPath } })
  }
})

createApp(App).use(i18n).use(router).mount('#app')
