"""信息化核查 (社区矫正法 Art. 26): checks at drawn times, apart from positioning orders."""
