import { addWords } from '@/i18n'
import en from '@/media/en.json'
import zhCN from '@/media/zh-CN.json'

addWords(zhCN, en)
