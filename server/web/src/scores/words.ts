import { addWords } from '@/i18n'
import en from '@/scores/en.json'
import zhCN from '@/scores/zh-CN.json'

addWords(zhCN, en)
