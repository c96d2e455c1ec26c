import en from '@/accounts/en.json'
import zhCN from '@/accounts/zh-CN.json'
import { addWords } from '@/i18n'

addWords(zhCN, en)
