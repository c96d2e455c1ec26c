"""How long records are kept: classes with legal bases, holds, destruction that is recorded."""
